# syntax=docker/dockerfile:1
#
#   docker build -t mtl .                              CPU
#   docker build -t mtl:cuda --build-arg LIBTORCH=cuda .   NVIDIA GPU (run with --gpus all)
#   docker run --rm -p 8080:8080 -e MTL_API_KEY=secret -v "$PWD/runs/quickstart":/model:ro mtl
#   docker run --rm -v mtl-cache:/cache -v "$PWD":/work mtl embed --model all-MiniLM-L6-v2 "a text"
ARG LIBTORCH=cpu

# The build is one script, which .ci/run runs as well.
FROM maven:3.9-eclipse-temurin-25 AS build
ARG LIBTORCH
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/m2 \
    LIBTORCH=${LIBTORCH} MAVEN_OPTS=-Dmaven.repo.local=/m2 .ci/package /opt/mtl

FROM eclipse-temurin:25-jre-noble AS java

# LibTorch needs glibc 2.35, libstdc++ and libgcc from the system; the rest is in its jar.
FROM ubuntu:24.04 AS runtime-cpu
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libgcc-s1 libstdc++6 \
    && rm -rf /var/lib/apt/lists/*

# For CUDA it also needs the CUDA 13 libraries, cuDNN 9 and NCCL 2, which the base image has, and CUPTI,
# which it lacks. The driver comes from the host.
FROM nvidia/cuda:13.1.1-cudnn-runtime-ubuntu24.04 AS runtime-cuda
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates cuda-cupti-13-1 libgcc-s1 libstdc++6 \
    && rm -rf /var/lib/apt/lists/*

FROM runtime-${LIBTORCH}
COPY --from=java /opt/java/openjdk /opt/java/openjdk
COPY --from=build /opt/mtl /opt/mtl
# RUST_FLAVOR: DJL's tokenizers use the CPU natives in their jar, even on a machine with CUDA.
# Models, the unpacked LibTorch and ~/.m2 are in the volume, which any user may write to.
ENV JAVA_HOME=/opt/java/openjdk \
    LC_ALL=C.UTF-8 \
    RUST_FLAVOR=cpu \
    HOME=/cache \
    MTL_CACHE=/cache
# The classes of a run, loaded and linked (AOT cache), make starts faster; mtl works without them.
RUN ln -s /opt/mtl/bin/mtl /usr/local/bin/mtl \
    && (MTL_CACHE=/tmp/mtl MTL_JAVA_OPTS=-XX:AOTCacheOutput=/opt/mtl/classes.aot mtl doctor || true) \
    && rm -rf /tmp/mtl \
    && useradd --system --uid 10001 --home-dir /cache mtl \
    && mkdir -p /cache /work && chown mtl: /cache /work && chmod 1777 /cache
USER mtl
VOLUME /cache
WORKDIR /work
EXPOSE 8080
# The image has no curl; bash opens the connection.
HEALTHCHECK --start-period=60s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["mtl"]
# Serves the model that is mounted at /model; any other command can be given.
CMD ["serve", "--model", "/model", "--host", "0.0.0.0"]
