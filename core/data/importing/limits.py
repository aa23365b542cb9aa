"""What an imported dataset may be; every limit stands here."""

from core.fields import FIELDS

LARGEST_UPLOAD = 200 * 2**20  # bytes that a browser may send; on the machine itself a file may be larger
LARGEST_UNPACKED = 2 * 2**30  # bytes of all pictures or arrays in one archive together
LARGEST_LISTING = 64 * 2**20  # bytes of a ZIP's list of entries: some 600,000 of them
MOST_IMAGES = 200_000  # training and test images together
LEAST_CLASSES, MOST_CLASSES = map(int, FIELDS["classes"].limits)
LONGEST_NAME = 40  # characters of a class
LONGEST_LINE = 2**20  # bytes of one line of a table: four times 256 × 256 pixels of three digits
LARGEST_SIDE = 256  # pixels of the images in a table or an array
TEST_SHARE = 1 / 7  # of the images, where no test part is given: MNIST's
SIDE = 28  # pixels of an image as the networks take it
NAME_HINT = "small letters, digits, '-' and '_', at most 64, a letter or digit first"
