# Segment cohorts on a server or a cluster: medvos from its wheel, PyTorch for the CPU, no source code.
#
#   python -m build --wheel
#   docker build --tag medvos .
#   docker run --rm --network none --user "$(id -u):$(id -g)" --volume "$PWD:/data" medvos batch cases.csv --out results
#
# For an NVIDIA GPU: docker build --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu126 --tag medvos:cuda .
# and docker run --gpus all ...
FROM python:3.12-slim

ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN pip install --no-cache-dir torch==2.13.0 --index-url "$TORCH_INDEX"

COPY dist/medvos-*.whl /tmp/
RUN pip install --no-cache-dir /tmp/medvos-*.whl && rm /tmp/medvos-*.whl

# Any user may run it: caches go to a folder that everybody may write to.
ENV HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /data
ENTRYPOINT ["medvos"]
CMD ["--help"]
