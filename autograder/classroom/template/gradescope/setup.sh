#!/usr/bin/env bash
# Gradescope runs this once, when the autograder's image is built.
# Put the kit's wheel (backpropkit-*.whl) beside this file, into the zip file that you upload.
set -euo pipefail
apt-get update
apt-get install -y bubblewrap python3 python3-pip python3-venv
python3 -m venv /autograder/kit
/autograder/kit/bin/pip install "$(ls /autograder/source/backpropkit-*.whl)[instructor]"
