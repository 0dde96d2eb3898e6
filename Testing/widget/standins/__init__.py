"""What desktop Slicer has and slicer-core lacks, made of PySide6 and PythonQt's rules: the shell runs headless."""
