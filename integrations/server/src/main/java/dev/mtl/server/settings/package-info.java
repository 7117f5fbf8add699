/** What a server is told: models, addresses, limits. */
@NullMarked
package dev.mtl.server.settings;

import org.jspecify.annotations.NullMarked;
