/** An application on the module path; on the class path, this file has no effect. */
module org.example.app {
    requires dev.mtl.core;
}
