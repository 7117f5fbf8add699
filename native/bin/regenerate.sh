#!/usr/bin/env bash
# Generates torch-ffm's bindings (dev.mtl.torch.abi) from native/include/libtorch.h. Run it after each change of the
# header and commit what it writes. Needs jextract for JDK 25 on the PATH, or JEXTRACT naming it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
header=$root/native/include/libtorch.h
out=$root/torch-ffm/src/main/java
jextract=${JEXTRACT:-jextract}
command -v "$jextract" >/dev/null || {
  echo "regenerate.sh: no '$jextract' on the PATH; build it from github.com/openjdk/jextract (JDK 25) or set JEXTRACT" >&2
  exit 2
}

# Only the functions that the header declares are included, nothing of libc's headers.
# (strips comments, joins lines, keeps the name before each parameter list)
functions=$(sed -e 's#/\*.*\*/##' -e '/^\/\*/,/\*\//d' -e '/^#/d' "$header" | tr '\n' ' ' | tr ';' '\n' |
  sed -nE 's/^.*[ *]([A-Za-z_][A-Za-z0-9_]*)\(.*$/\1/p')
filters=()
for function in $functions; do filters+=(--include-function "$function"); done

rm -rf "$out/dev/mtl/torch/abi"
"$jextract" --output "$out" --target-package dev.mtl.torch.abi --header-class-name LibTorchAbi "${filters[@]}" "$header"

# Libraries are opened without JNI, so that several class loaders can use them: jextract's lookup does not see them.
bindings=$out/dev/mtl/torch/abi/LibTorchAbi.java
sed 's/SymbolLookup\.loaderLookup()/dev.mtl.torch.symbols.OpenedLibraries.lookup()/' "$bindings" >"$bindings.new"
mv "$bindings.new" "$bindings"
grep -q 'OpenedLibraries\.lookup()' "$bindings"
echo "regenerate.sh: $(wc -w <<<"$functions") functions -> ${out#"$root"/}/dev/mtl/torch/abi" >&2
