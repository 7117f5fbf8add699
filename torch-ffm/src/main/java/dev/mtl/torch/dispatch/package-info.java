/**
 * Calls into LibTorch's stable C ABI: operators by schema, arguments as stack slots, return codes
 * as exceptions. Works on raw handles and knows no tensor type. Internal to this module.
 */
@NullMarked
package dev.mtl.torch.dispatch;

import org.jspecify.annotations.NullMarked;
