/** The command {@code mtl}. */
module dev.mtl.cli {
    requires dev.mtl.heads;
    requires dev.mtl.server;
    requires dev.mtl.train;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires jdk.management;
    requires org.apache.commons.csv;
    requires static org.jspecify;

    // Options and commands are fields and constructors that picocli sets and calls by reflection.
    opens dev.mtl.cli to
            info.picocli;
    opens dev.mtl.cli.models to
            info.picocli;
    opens dev.mtl.cli.search to
            info.picocli;
    opens dev.mtl.cli.option to
            info.picocli;
}
