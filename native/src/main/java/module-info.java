/** The LibTorch files of this machine: the user's own, or unpacked from Maven's jars. */
@SuppressWarnings("module") // the modules named in exports are compiled later
module dev.mtl.natives {
    requires static org.jspecify;

    // Only the loader of torch-ffm locates LibTorch; users see it as LibTorchInfo.
    exports dev.mtl.natives to
            dev.mtl.torch;
}
