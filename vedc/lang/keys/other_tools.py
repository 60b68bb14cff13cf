"""What other tools call the kinds of items and their keys, and the equivalents here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from vedc.lang.schema.records import Record
from vedc.lang.yaml.tree import SpecNode


class Cure(NamedTuple):
    """The equivalent of some foreign keys, for items that take the key ``needs``."""

    needs: str
    keys: str
    """The foreign keys, in snake case, separated by spaces."""
    spec: str
    """What to write on the item; a test validates it."""
    note: str = ""

    @property
    def hint(self) -> str:
        return f"write {self.spec}{self.note}"


_ZOOM: Final = "{keyframes: [{time: 0s, value: 1}, {time: 100%, value: 1.2}]}"

CURES: Final = (
    Cure(
        "grade",
        "greyscale grayscale black_and_white bw monochrome desaturate",
        "grade: [{op: monochrome}]",
    ),
    Cure("grade", "sepia", "grade: [{op: sepia}]"),
    Cure("grade", "brightness", "grade: [{op: brightness, amount: 0.1}]"),
    Cure("grade", "contrast", "grade: [{op: contrast, amount: 1.2}]"),
    Cure("grade", "saturation", "grade: [{op: saturation, amount: 1.2}]"),
    Cure("grade", "exposure", "grade: [{op: exposure, stops: 0.5}]"),
    Cure("grade", "vignette", "grade: [{op: vignette, amount: 0.5}]"),
    Cure("ken_burns", "match match_color color_match", "grade: [{auto: {match: dusk.png}}]"),
    Cure(
        "ken_burns",
        "auto_color auto_balance auto_white_balance awb normalize_color",
        "grade: [{auto: balance}]",
    ),
    Cure("grade", "invert negative negate", "grade: [{op: invert}]"),
    Cure("grade", "lut lut3d cube", "grade: [{op: lut, src: look.cube}]"),
    Cure(
        "effects",
        "blur gblur gaussian_blur box_blur boxblur",
        "effects: [{op: gaussian_blur, radius: 8}]",
    ),
    Cure("effects", "sharpen unsharp", "effects: [{op: sharpen}]"),
    Cure("effects", "flip hflip mirror flip_x", "effects: [{op: flip, horizontal: true}]"),
    Cure("effects", "vflip flip_y", "effects: [{op: flip, vertical: true}]"),
    Cure(
        "ken_burns",
        "zoompan kenburns zoom_direction zoom_amount",
        "ken_burns: {to: {x: 40%, y: 30%, width: 50%, height: 50%}}",
    ),
    Cure("effects", "zoom", f"effects: [{{op: zoom, amount: {_ZOOM}}}]"),
    Cure(
        "effects",
        "chromakey chroma_key green_screen greenscreen",
        "effects: [{op: chroma_key}]",
    ),
    Cure(
        "effects",
        "filter filters effect fx",
        "effects: [{op: gaussian_blur, radius: 8}]",
        "; vedc ops lists the ops",
    ),
    Cure(
        "radius",
        "border_radius corner_radius rounded rounded_corners round_corners roundness",
        "radius: 24",
        ", or radius: 50% for a circle",
    ),
    Cure(
        "border",
        "outline stroke border_width border_color stroke_width stroke_color frame",
        "border: {width: 6, color: white}",
    ),
    Cure(
        "mask",
        "border_radius corner_radius rounded rounded_corners round_corners",
        "mask: {op: rectangle, size: [1, 1], radius: 0.05}",
        ", where size is in fractions of the canvas",
    ),
    Cure("offset", "x y left top", "offset: [40, 20]", " for pixels, or a position"),
    Cure("position", "pos location place", "position: top-left", ", or an offset in pixels"),
    Cure("scale", "resize", "scale: 0.5"),
    Cure(
        "ken_burns",
        "resize_mode object_fit fit_mode scale_mode scaling",
        "fit: cover",
        ", or contain, contain-blur or stretch",
    ),
    Cure("box", "width height w h text_box", "box: {width: 800, height: 200}"),
    Cure(
        "box",
        "auto_size autofit shrink shrink_to_fit",
        "fit: shrink, box: {width: 800, height: 200}",
    ),
    Cure(
        "vertical_align",
        "valign v_align vertical_alignment",
        "vertical_align: top, box: {width: 800, height: 200}",
    ),
    Cure(
        "shadow",
        "text_shadow drop_shadow box_shadow dropshadow",
        "shadow: {offset: [4, 4], blur: 8}",
    ),
    Cure("fill", "gradient text_gradient", 'fill: {colors: ["#ffe29f", "#ff719a"]}'),
    Cure("animate", "animation animations text_animation", "animate: {in: rise, out: fade}"),
    Cure(
        "spans",
        "runs parts rich_text markup bold italic",
        "spans: [{text: now, bold: true}]",
    ),
    Cure("letter_spacing", "tracking char_spacing character_spacing kerning", "letter_spacing: 4"),
    Cure("line_height", "leading line_spacing interline", "line_height: 1.4"),
    Cure("width", "w size_x", "width: 640", ", or width: 50% of the canvas"),
    Cure("height", "h size_y", "height: 360", ", or height: 50% of the canvas"),
    Cure("margin", "safe_margin inset padding_from_edge", "margin: 40", " with a named position"),
    Cure("motion_blur", "shutter shutter_angle motionblur", "motion_blur: 180"),
    Cure("rotation", "rotate angle", "rotation: 15", ", in degrees clockwise"),
    Cure("opacity", "alpha transparency", "opacity: 0.5"),
    Cure("blend_mode", "blend mix_blend_mode blending", "blend_mode: multiply"),
    Cure(
        "enter",
        "fadein fade_in_video cross_fade_in crossfadein transition_in animation_in in_animation",
        "enter: {preset: fade, duration: 0.5s}",
    ),
    Cure(
        "exit",
        "fadeout fade_out_video cross_fade_out crossfadeout transition_out animation_out "
        "out_animation",
        "exit: {preset: fade, duration: 0.5s}",
    ),
    Cure(
        "speed",
        "playback_rate playback_speed speed_factor time_scale timescale tempo multiply_speed",
        "speed: 2",
        ", for twice as fast",
    ),
    Cure("reverse", "reversed backwards play_backwards time_mirror", "reverse: true"),
    Cure("pitch", "preserve_pitch keep_pitch maintain_pitch", "pitch: keep", ", as it is anyway"),
    Cure(
        "mute",
        "muted silent no_audio audio keep_audio include_audio with_audio has_audio mix_audio",
        "mute: true",
    ),
    Cure("volume", "gain audio_volume gain_db level", "volume: 50%"),
    Cure("pan", "panning balance stereo_pan", "pan: -0.5", ", where -1 is left and 1 is right"),
    Cure(
        "eq",
        "equalizer equaliser bass treble high_pass low_pass",
        "eq: [{type: highpass, frequency: 80}]",
    ),
    Cure("denoise", "noise_reduction denoiser reduce_noise afftdn", "denoise: 12dB"),
    Cure("compressor", "compress compression drc acompressor", "compressor: {threshold: -18dB}"),
    Cure("gate", "noise_gate agate", "gate: {threshold: -45dB}"),
    Cure("reverb", "echo aecho room", "reverb: -15dB"),
    Cure("channels", "channel channel_map audio_channels mono_to_stereo", "channels: left"),
    Cure(
        "in",
        "trim subclip trim_start ss in_point start_from cut_from t_start trim_before",
        "in: 2s",
        " and out: 6s",
    ),
    Cure("out", "trim_end out_point end_at cut_to t_end trim_after", "out: 6s"),
    Cure("font", "font_family font_file fontname", "font: fonts/Inter.ttf"),
    Cure("size", "font_size text_size", "size: 64", ", or size: 6% of the canvas"),
    Cure(
        "stroke_width",
        "outline border border_width outline_width",
        "stroke: 3",
        ", or {width: 3, color: navy}",
    ),
    Cure("background", "background_color bg bg_color box_color", 'background: "#000000aa"'),
    Cure("align", "text_align halign justify", "align: left"),
    Cure("max_width", "wrap wrap_width", "max_width: 800"),
)
#: What else other tools write on items that take a key, and the hint.
_NOTES: Final = (
    ("duration", "duration_in_frames frame_count num_frames", "write duration: 90f for 90 frames"),
    ("opacity", "style css props", "write its keys on the item itself: opacity: 0.5"),
)


def advise(records: Iterable[Record]) -> None:
    """Give records the hints for their keys."""
    hints = [(cure.needs, cure.keys.split(), cure.hint) for cure in CURES]
    hints += [(needs, keys.split(), hint) for needs, keys, hint in _NOTES]
    for record in records:
        if record.title in record.keys:
            for key in {"type", "kind"} - {*record.keys}:
                record.advice.setdefault(key, f"leave it out: it is of the kind {record.title}")
        own = {*record.keys, *record.later}
        for needs, keys, hint in hints:
            if needs in record.keys:
                for key in keys:
                    if key not in own:
                        record.advice.setdefault(key, hint)


def on_item(word: str) -> str | None:
    """The key of an item, with a value, that does what another tool has an effect for: FadeIn."""
    plain = word.rpartition(".")[2].lower().replace("-", "").replace("_", "")
    return next((c.spec for c in CURES if plain in c.keys.replace("_", "").split()), None)


_MUSIC: Final = "put sound under `audio`, beside `timeline`: audio: [{{clip: {}}}]"
#: Foreign words, and what to write; {} stands for what they were given.
_WORDS: Final = (
    (
        "video movie media footage videoclip offthreadvideo videofileclip",
        "write {{clip: {}}}",
        "beach.mp4",
    ),
    ("photo picture img still slide imageclip", "write {{image: {}, duration: 3s}}", "beach.jpg"),
    (
        "title subtitle caption label heading textclip news_title slide_in_text",
        "write {{text: {}, duration: 3s}}",
        "Hello",
    ),
    ("audio music sound voice voiceover soundtrack audiofileclip", _MUSIC, "theme.flac"),
    (
        "fade crossfade cross_fade dissolve wipe xfade",
        "write {{transition: dissolve, duration: 1s}}",
        "",
    ),
    (
        "layers items clips tracks timeline children sequence compositevideoclip absolutefill",
        "write {{composition: {{timeline: {{tracks: [...]}}}}}}",
        "",
    ),
    ("black blank solid fill colour background", "write {{color: black, duration: 3s}}", ""),
    ("pause wait empty space spacer sleep", "write {{gap: 1s}}", ""),
    (
        "effect effects filter filters grade",
        "put it on an item, or change all that lies below: write {{adjustment: true, duration: 3s, "
        "effects: [{{op: sharpen}}]}}",
        "",
    ),
)
_CURES: Final[Mapping[str, tuple[str, str]]] = {
    word: (cure, usual) for words, cure, usual in _WORDS for word in words.split()
}
_SOURCES: Final = ("src", "source", "path", "file", "filename", "url", "input")
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".svg")
_KINDS: Final[Mapping[str, str]] = {"clip": "video", "image": "photo", "text": "title"}
"""Own kinds that are the value of `type` elsewhere."""


def kind_cure(key: str, node: SpecNode) -> str | None:
    """What to write instead of an item named by a foreign ``key``, or by its value of `type`."""
    if key in ("type", "kind"):
        kind = node[key].value
        if not isinstance(kind, str):
            return None
        kind = _KINDS.get(kind, kind)
        held = next((node[name] for name in (*_SOURCES, "text") if name in node), None)
        return _written(kind, held)
    if key in _SOURCES and "type" not in node and "kind" not in node:
        picture = str(node[key].value).lower().endswith(_PICTURES)
        return _written("photo" if picture else "video", node[key])
    return _written(key.lower(), node[key])


def _written(word: str, held: SpecNode | None) -> str | None:
    if word not in _CURES:
        return None
    cure, usual = _CURES[word]
    given = held.value if held is not None else None
    plain = isinstance(given, str) and given.isprintable() and not set(given) & set(":#,{}[]'\"")
    return cure.format(given if plain and len(str(given)) <= 40 else usual)
