package dev.mtl.core.head;

/**
 * How many texts of an example a head takes.
 *
 * @param least at least so many
 * @param most at most so many
 */
public record TextArity(int least, int most) {
    /** One text. */
    public static final TextArity ONE = exactly(1);

    /** Two or more. */
    public static final TextArity SEVERAL = new TextArity(2, Integer.MAX_VALUE);

    public TextArity {
        if (least < 1 || most < least) {
            throw new IllegalArgumentException("no head takes " + least + " to " + most + " texts");
        }
    }

    /** Neither more nor fewer. */
    public static TextArity exactly(int texts) {
        return new TextArity(texts, texts);
    }

    /** Whether examples of so many texts will do. */
    public boolean allows(int texts) {
        return least <= texts && texts <= most;
    }

    /** For messages: {@code 2 texts}, {@code 2 or more texts}. */
    @Override
    public String toString() {
        if (most == least) {
            return least == 1 ? "1 text" : least + " texts";
        }
        return least + (most == Integer.MAX_VALUE ? " or more" : " to " + most) + " texts";
    }
}
