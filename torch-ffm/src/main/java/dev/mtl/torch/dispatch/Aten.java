package dev.mtl.torch.dispatch;

/**
 * The ATen operators in use, each by its schema in PyTorch's {@code
 * aten/src/ATen/native/native_functions.yaml}. To add one: its schema here, a one-line method in
 * the interface of its family, a case in the golden values.
 *
 * <p>The C ABI cannot pass a {@code Scalar}: use the {@code Tensor} overloads of such operators.
 */
public final class Aten {
    private Aten() {}

    // Arithmetic
    public static final Operator MUL =
            Operator.of("aten::mul.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator DIV =
            Operator.of("aten::div.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator POW =
            Operator.of("aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor");
    public static final Operator NEG = Operator.of("aten::neg(Tensor self) -> Tensor");
    public static final Operator ABS = Operator.of("aten::abs(Tensor self) -> Tensor");
    public static final Operator SQUARE = Operator.of("aten::square(Tensor self) -> Tensor");
    public static final Operator SQRT = Operator.of("aten::sqrt(Tensor self) -> Tensor");
    public static final Operator EXP = Operator.of("aten::exp(Tensor self) -> Tensor");
    public static final Operator LOG = Operator.of("aten::log(Tensor self) -> Tensor");
    public static final Operator CLAMP =
            Operator.of(
                    "aten::clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) ->"
                            + " Tensor");
    public static final Operator MINIMUM =
            Operator.of("aten::minimum(Tensor self, Tensor other) -> Tensor");
    public static final Operator MAXIMUM =
            Operator.of("aten::maximum(Tensor self, Tensor other) -> Tensor");
    public static final Operator MATMUL =
            Operator.of("aten::matmul(Tensor self, Tensor other) -> Tensor");
    public static final Operator BMM = Operator.of("aten::bmm(Tensor self, Tensor mat2) -> Tensor");

    // Comparison
    public static final Operator EQ =
            Operator.of("aten::eq.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator NE =
            Operator.of("aten::ne.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator GT =
            Operator.of("aten::gt.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator GE =
            Operator.of("aten::ge.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator LT =
            Operator.of("aten::lt.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator LE =
            Operator.of("aten::le.Tensor(Tensor self, Tensor other) -> Tensor");
    public static final Operator LOGICAL_AND =
            Operator.of("aten::logical_and(Tensor self, Tensor other) -> Tensor");
    public static final Operator LOGICAL_OR =
            Operator.of("aten::logical_or(Tensor self, Tensor other) -> Tensor");
    public static final Operator LOGICAL_NOT =
            Operator.of("aten::logical_not(Tensor self) -> Tensor");
    public static final Operator ISFINITE = Operator.of("aten::isfinite(Tensor self) -> Tensor");
    public static final Operator WHERE =
            Operator.of("aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor");
    public static final Operator MASKED_FILL =
            Operator.of(
                    "aten::masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor");

    // Reduction
    public static final Operator SUM =
            Operator.of("aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor");
    public static final Operator SUM_DIMS =
            Operator.of(
                    "aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *,"
                            + " ScalarType? dtype=None) -> Tensor");
    public static final Operator MEAN =
            Operator.of("aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor");
    public static final Operator MEAN_DIMS =
            Operator.of(
                    "aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType?"
                            + " dtype=None) -> Tensor");
    public static final Operator AMAX =
            Operator.of("aten::amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor");
    public static final Operator AMIN =
            Operator.of("aten::amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor");
    public static final Operator MAX_DIM =
            Operator.of(
                    "aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values,"
                            + " Tensor indices)");
    public static final Operator ARGMAX =
            Operator.of("aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor");
    public static final Operator LOGSUMEXP =
            Operator.of("aten::logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor");
    public static final Operator CUMSUM =
            Operator.of("aten::cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor");
    public static final Operator NORM_EXCEPT_DIM =
            Operator.of("aten::norm_except_dim(Tensor v, int pow=2, int dim=0) -> Tensor");

    // Views
    public static final Operator VIEW =
            Operator.of("aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a)");
    public static final Operator RESHAPE =
            Operator.of("aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)");
    public static final Operator PERMUTE =
            Operator.of("aten::permute(Tensor(a) self, int[] dims) -> Tensor(a)");
    public static final Operator TRANSPOSE =
            Operator.of("aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)");
    public static final Operator UNSQUEEZE =
            Operator.of("aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a)");
    public static final Operator SQUEEZE =
            Operator.of("aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)");
    public static final Operator EXPAND =
            Operator.of(
                    "aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) ->"
                            + " Tensor(a)");
    public static final Operator SELECT =
            Operator.of("aten::select.int(Tensor(a) self, int dim, SymInt index) -> Tensor(a)");
    public static final Operator SLICE =
            Operator.of(
                    "aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt?"
                            + " end=None, SymInt step=1) -> Tensor(a)");
    public static final Operator INDEX_SELECT =
            Operator.of("aten::index_select(Tensor self, int dim, Tensor index) -> Tensor");
    public static final Operator GATHER =
            Operator.of(
                    "aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) ->"
                            + " Tensor");
    public static final Operator CONTIGUOUS =
            Operator.of(
                    "aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=0) ->"
                            + " Tensor(a)");
    public static final Operator CAT =
            Operator.of("aten::cat(Tensor[] tensors, int dim=0) -> Tensor");
    public static final Operator STACK =
            Operator.of("aten::stack(Tensor[] tensors, int dim=0) -> Tensor");

    // Neural networks
    public static final Operator LINEAR =
            Operator.of("aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor");
    public static final Operator EMBEDDING =
            Operator.of(
                    "aten::embedding(Tensor weight, Tensor indices, SymInt padding_idx=-1, bool"
                            + " scale_grad_by_freq=False, bool sparse=False) -> Tensor");
    public static final Operator LAYER_NORM =
            Operator.of(
                    "aten::layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None,"
                        + " Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor");
    public static final Operator GELU =
            Operator.of("aten::gelu(Tensor self, *, str approximate='none') -> Tensor");
    public static final Operator TANH = Operator.of("aten::tanh(Tensor self) -> Tensor");
    public static final Operator RELU = Operator.of("aten::relu(Tensor self) -> Tensor");
    public static final Operator SILU = Operator.of("aten::silu(Tensor self) -> Tensor");
    public static final Operator SIGMOID = Operator.of("aten::sigmoid(Tensor self) -> Tensor");
    public static final Operator SOFTMAX =
            Operator.of(
                    "aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor");
    public static final Operator LOG_SOFTMAX =
            Operator.of(
                    "aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) ->"
                            + " Tensor");
    public static final Operator DROPOUT =
            Operator.of("aten::dropout(Tensor input, float p, bool train) -> Tensor");
    public static final Operator SCALED_DOT_PRODUCT_ATTENTION =
            Operator.of(
                    "aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value,"
                        + " Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *,"
                        + " float? scale=None, bool enable_gqa=False) -> Tensor");

    // oneDNN; the linear layers without a graph are functions of their own, see MkldnnLinear
    public static final Operator MKLDNN_LINEAR =
            Operator.of(
                    "aten::mkldnn_linear(Tensor self, Tensor weight, Tensor? bias=None) -> Tensor");
    public static final Operator MKLDNN_TO =
            Operator.of("aten::to_mkldnn(Tensor self, ScalarType? dtype=None) -> Tensor");
    public static final Operator MKLDNN_TO_DENSE =
            Operator.of(
                    "aten::to_dense(Tensor self, ScalarType? dtype=None, *, bool? masked_grad=None)"
                            + " -> Tensor");
    public static final Operator MKLDNN_REORDER_LINEAR_WEIGHT =
            Operator.of(
                    "mkldnn::_reorder_linear_weight(Tensor self, SymInt? batch_size=None) ->"
                            + " Tensor");

    // Eight bits; the dtype of quantized tensors by its number, since no tensor of ours has it
    public static final Operator AMINMAX =
            Operator.of(
                    "aten::aminmax(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor"
                            + " min, Tensor max)");
    public static final Operator QUANTIZE_PER_TENSOR =
            Operator.of(
                    "aten::quantize_per_tensor(Tensor self, float scale, int zero_point, int"
                            + " dtype) -> Tensor");
    public static final Operator ROUND = Operator.of("aten::round(Tensor self) -> Tensor");

    public static final Operator QLINEAR_PREPACK =
            Operator.of("onednn::qlinear_prepack(Tensor weight, int[]? x_shape=None) -> Tensor");

    // Losses
    public static final Operator CROSS_ENTROPY =
            Operator.of(
                    "aten::cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int"
                        + " reduction=1, SymInt ignore_index=-100, float label_smoothing=0.0) ->"
                        + " Tensor");
    public static final Operator BCE_WITH_LOGITS =
            Operator.of(
                    "aten::binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor?"
                            + " weight=None, Tensor? pos_weight=None, int reduction=1) -> Tensor");
    public static final Operator MSE_LOSS =
            Operator.of("aten::mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor");
    public static final Operator HUBER_LOSS =
            Operator.of(
                    "aten::huber_loss(Tensor self, Tensor target, int reduction=1, float delta=1.0)"
                            + " -> Tensor");
    public static final Operator COSINE_SIMILARITY =
            Operator.of(
                    "aten::cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) ->"
                            + " Tensor");

    // Conversion
    public static final Operator TO_DTYPE =
            Operator.of(
                    "aten::to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, bool"
                            + " copy=False, MemoryFormat? memory_format=None) -> Tensor(a)");
    public static final Operator TO_DEVICE =
            Operator.of(
                    "aten::to.device(Tensor(a) self, Device device, ScalarType dtype, bool"
                        + " non_blocking=False, bool copy=False, MemoryFormat? memory_format=None)"
                        + " -> Tensor(a)");
    public static final Operator DETACH = Operator.of("aten::detach(Tensor(a) self) -> Tensor(a)");
    public static final Operator CLONE =
            Operator.of("aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor");
    public static final Operator ZEROS_LIKE =
            Operator.of(
                    "aten::zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None,"
                            + " Device? device=None, bool? pin_memory=None, MemoryFormat?"
                            + " memory_format=None) -> Tensor");
    public static final Operator MUL_ =
            Operator.of("aten::mul_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)");
    public static final Operator COPY_ =
            Operator.of(
                    "aten::copy_(Tensor(a!) self, Tensor src, bool non_blocking=False) ->"
                            + " Tensor(a!)");
    public static final Operator INDEX_COPY_ =
            Operator.of(
                    "aten::index_copy_(Tensor(a!) self, int dim, Tensor index, Tensor source) ->"
                            + " Tensor(a!)");
    public static final Operator ZERO_ = Operator.of("aten::zero_(Tensor(a!) self) -> Tensor(a!)");

    // The next two have a Generator? parameter after these: none is a zero in its slot, as for a
    // string.
    public static final Operator NORMAL_ =
            Operator.of(
                    "aten::normal_(Tensor(a!) self, float mean=0.0, float std=1.0, *, str?"
                            + " generator=None) -> Tensor(a!)");
    public static final Operator UNIFORM_ =
            Operator.of(
                    "aten::uniform_(Tensor(a!) self, float from=0.0, float to=1.0, *, str?"
                            + " generator=None) -> Tensor(a!)");

    // Training
    public static final Operator BACKWARD =
            Operator.of(
                    "aten::_backward(Tensor self, Tensor[] inputs, Tensor? gradient=None, bool?"
                            + " retain_graph=None, bool create_graph=False) -> ()");
    public static final Operator FOREACH_ADDCMUL_ =
            Operator.of(
                    "aten::_foreach_addcmul_.Tensor(Tensor(a!)[] self, Tensor[] tensor1, Tensor[]"
                            + " tensor2, Tensor scalars) -> ()");
    public static final Operator FOREACH_MUL_ =
            Operator.of("aten::_foreach_mul_.Tensor(Tensor(a!)[] self, Tensor other) -> ()");
    public static final Operator FUSED_ADAMW_ =
            Operator.of(
                    "aten::_fused_adamw_(Tensor(a!)[] self, Tensor(b!)[] grads, Tensor(c!)[]"
                            + " exp_avgs, Tensor(d!)[] exp_avg_sqs, Tensor(e!)[] max_exp_avg_sqs,"
                            + " Tensor[] state_steps, *, float lr, float beta1, float beta2, float"
                            + " weight_decay, float eps, bool amsgrad, bool maximize, Tensor?"
                            + " grad_scale=None, Tensor? found_inf=None) -> ()");
}
