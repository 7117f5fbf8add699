#!/usr/bin/env bash
# Generates dev.mtl.mpi.abi from the headers in integrations/mpi/include. Run it after each change of a header and commit
# what it writes. Needs jextract for JDK 25 on the PATH, or JEXTRACT naming it.
set -euo pipefail
module=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$module/src/main/java
jextract=${JEXTRACT:-jextract}
command -v "$jextract" >/dev/null || {
  echo "regenerate.sh: no '$jextract' on the PATH; build it from github.com/openjdk/jextract (JDK 25) or set JEXTRACT" >&2
  exit 2
}

rm -rf "$out/dev/mtl/mpi/abi"
generate() { # header, package, class
  local functions filters=()
  functions=$(sed -e 's#/\*.*\*/##' -e '/^\/\*/,/\*\//d' "$module/include/$1" | tr '\n' ' ' | tr ';' '\n' |
    sed -nE 's/^.*[ *]([A-Za-z_][A-Za-z0-9_]*)\(.*$/\1/p')
  for function in $functions; do filters+=(--include-function "$function"); done
  "$jextract" --output "$out" --target-package "dev.mtl.mpi.$2" --header-class-name "$3" "${filters[@]}" "$module/include/$1"
}
generate dlfcn.h abi.dlfcn DlfcnAbi
generate mpi.h abi MpiAbi

# jextract's lookup does not see a library that dlopen made global.
bindings=$out/dev/mtl/mpi/abi/MpiAbi.java
sed 's/SymbolLookup\.loaderLookup()/dev.mtl.mpi.symbols.GlobalSymbols.lookup()/' "$bindings" >"$bindings.new"
mv "$bindings.new" "$bindings"
grep -q 'GlobalSymbols\.lookup()' "$bindings"
