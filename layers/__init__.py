"""The map: what is drawn and picked, on QtCore and QtGui alone. One file a layer; shared machinery
stands in `layers.engine`."""
