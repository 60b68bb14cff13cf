from tests.media.make import read_number
def test_a(): assert read_number
