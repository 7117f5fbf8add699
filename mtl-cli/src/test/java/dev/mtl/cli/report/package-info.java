@NullMarked
package dev.mtl.cli.report;

import org.jspecify.annotations.NullMarked;
