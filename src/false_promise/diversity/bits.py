"""One processor instruction that numba does not offer by name."""

from numba import types
from numba.extending import intrinsic


@intrinsic
def count_ones(context, bits):
    """Number of ones in an unsigned 64-bit integer, for compiled code (LLVM's `ctpop`)."""
    return types.int64(types.uint64), lambda context, builder, signature, arguments: builder.ctpop(arguments[0])
