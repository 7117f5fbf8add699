package dev.mtl.core.head;

/**
 * How many texts of an example a head takes.
 *
 * @param least at least so many
 * @param most at most so many
 */
public record TextCount(int least, int most) {
    /** One text. */
    public static final TextCount ONE = exactly(1);

    /** Two or more. */
    public static final TextCount SEVERAL = new TextCount(2, Integer.MAX_VALUE);

    public TextCount {
        if (least < 1 || most < least) {
            throw new IllegalArgumentException("no head takes " + least + " to " + most + " texts");
        }
    }

    /** Neither more nor fewer. */
    public static TextCount exactly(int texts) {
        return new TextCount(texts, texts);
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
