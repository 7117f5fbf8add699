package dev.mtl.core.internal;

/** What to do when a head type is not there, for Java programs and for the command line. */
public final class MissingHead {
    /** The end of a message about the missing type. */
    public static final String ADVICE =
            "the heads that ship with MTL are in the dependency dev.mtl:mtl-heads; any other head"
                + " is found in its jar on the class path or module path, or by the command line"
                + " with --plugins JAR_OR_DIR";

    private MissingHead() {}
}
