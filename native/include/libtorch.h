/*
 * The part of LibTorch's stable C ABI that MTL calls: the input of jextract (native/bin/regenerate.sh).
 *
 * Every function here either catches C++ exceptions and returns an error code (aoti_torch_*, torch_*), or
 * cannot throw. Do not add a function that could let a C++ exception escape: it would abort the JVM.
 *
 * The mangled names at the end are C++ functions that take and return plain machine types only; LibTorch 2.10
 * to 2.13 export them unchanged. The comments have their C++ declarations.
 */
#ifndef MTL_LIBTORCH_H
#define MTL_LIBTORCH_H

#include <stdbool.h>

/* stdint.h's types, declared by width: jextract would bind Linux's int64_t as C's `long`, which has 32 bits on Windows. */
typedef signed char int8_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;

typedef struct AtenTensorOpaque* AtenTensorHandle;
typedef struct StableListOpaque* StableListHandle;
typedef struct StringOpaque* StringHandle;
typedef uint64_t StableIValue;
typedef int32_t AOTITorchError; /* 0 is success */

/* ---- version, failures ---- */
uint64_t aoti_torch_abi_version(void); /* 0x020a000000000000 is 2.10 */
const char* torch_exception_get_what_without_backtrace(void); /* since 2.13; borrowed, thread-local */

/* ---- operators ---- */
AOTITorchError torch_call_dispatcher(const char* op_name, const char* overload_name, StableIValue* stack,
                                     uint64_t extension_build_version);
AOTITorchError torch_new_stable_ivalue(StableIValue** ret); /* since 2.13; the call that takes it frees it */

/* ---- tensors ---- */
AOTITorchError aoti_torch_empty_strided(int64_t ndim, const int64_t* sizes, const int64_t* strides, int32_t dtype,
                                        int32_t device_type, int32_t device_index, AtenTensorHandle* ret);
AOTITorchError aoti_torch_new_tensor_handle(AtenTensorHandle orig, AtenTensorHandle* ret);
AOTITorchError aoti_torch_delete_tensor_object(AtenTensorHandle tensor);
AOTITorchError aoti_torch_new_uninitialized_tensor(AtenTensorHandle* ret); /* an undefined tensor */
AOTITorchError aoti_torch_assign_tensors(AtenTensorHandle src, AtenTensorHandle dst); /* *dst = *src */
AOTITorchError aoti_torch_is_defined(AtenTensorHandle tensor, bool* ret);
AOTITorchError aoti_torch_is_contiguous(AtenTensorHandle tensor, bool* ret);
AOTITorchError aoti_torch_get_layout(AtenTensorHandle tensor, int32_t* ret);
int32_t aoti_torch_layout_strided(void);
AOTITorchError aoti_torch_get_data_ptr(AtenTensorHandle tensor, void** ret);
AOTITorchError aoti_torch_get_dim(AtenTensorHandle tensor, int64_t* ret);
AOTITorchError aoti_torch_get_numel(AtenTensorHandle tensor, int64_t* ret);
AOTITorchError aoti_torch_get_sizes(AtenTensorHandle tensor, int64_t** ret); /* borrowed */
AOTITorchError aoti_torch_get_dtype(AtenTensorHandle tensor, int32_t* ret);
AOTITorchError aoti_torch_get_device_type(AtenTensorHandle tensor, int32_t* ret);
AOTITorchError aoti_torch_get_device_index(AtenTensorHandle tensor, int32_t* ret);

/* add, full and fill have a Scalar in their schemas, which the dispatcher's stack cannot carry */
AOTITorchError aoti_torch_aten_subtract_Tensor(AtenTensorHandle self, AtenTensorHandle other, double alpha,
                                               AtenTensorHandle* ret);
AOTITorchError aoti_torch_aten_fill__Scalar(AtenTensorHandle self, double value);

/* oneDNN's linear layers, if LibTorch was built with oneDNN. Not called through the dispatcher, which leaks 32 bytes per
 * `str` argument: torch/csrc/stable/stableivalue_conversions.h, ToImpl<std::string> (docs/decisions/013). */
AOTITorchError aoti_torch_cpu__linear_pointwise(AtenTensorHandle X, AtenTensorHandle W, AtenTensorHandle* B,
                                                const char* attr, const double** scalars, int64_t scalars_len,
                                                const char** algorithm, AtenTensorHandle* ret);
AOTITorchError aoti_torch_cpu__linear_pointwise_binary(AtenTensorHandle X, AtenTensorHandle other, AtenTensorHandle W,
                                                       AtenTensorHandle* B, const char* attr, AtenTensorHandle* ret);

/* Attention on a CPU, and views, below the dispatcher: for passes without gradients. */
AOTITorchError aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
    AtenTensorHandle query, AtenTensorHandle key, AtenTensorHandle value, double dropout_p, int32_t is_causal,
    AtenTensorHandle* attn_mask, double* scale, AtenTensorHandle* output, AtenTensorHandle* logsumexp);
AOTITorchError aoti_torch__reinterpret_tensor(AtenTensorHandle self, int64_t ndim, const int64_t* sizes,
                                              const int64_t* strides, int64_t offset_increment, AtenTensorHandle* ret);

/* The same with 8-bit integers; output_dtype is a ScalarType. */
AOTITorchError aoti_torch_cpu__qlinear_pointwise_tensor(
    AtenTensorHandle X, AtenTensorHandle act_scale, AtenTensorHandle act_zero_point, AtenTensorHandle onednn_weight,
    AtenTensorHandle weight_scales, AtenTensorHandle weight_zero_points, AtenTensorHandle* B, double output_scale,
    int64_t output_zero_point, const int32_t* output_dtype, const char* post_op_name, const double** post_op_args,
    int64_t post_op_args_len, const char* post_op_algorithm, AtenTensorHandle* ret);

/* ---- lists and strings ---- */
AOTITorchError torch_new_list_reserve_size(uint64_t size, StableListHandle* ret);
AOTITorchError torch_list_push_back(StableListHandle list, StableIValue element);
AOTITorchError torch_list_get_item(StableListHandle list, uint64_t index, StableIValue* element);
AOTITorchError torch_list_size(StableListHandle list, uint64_t* size);
AOTITorchError torch_delete_list(StableListHandle list);
AOTITorchError torch_new_string_handle(const char* data, uint64_t length, StringHandle* ret);
AOTITorchError torch_delete_string(StringHandle string);

/* ---- autograd ---- */
AOTITorchError torch_set_requires_grad(AtenTensorHandle tensor, bool requires_grad);
void aoti_torch_grad_mode_set_enabled(bool enabled); /* per thread */
bool aoti_torch_grad_mode_is_enabled(void);

/* c10::TensorImpl::mutable_grad(); `this` is the first word that an AtenTensorHandle points to; the handle is borrowed */
AtenTensorHandle _ZN3c1010TensorImpl12mutable_gradEv(void* tensor_impl);

/* ---- random numbers ---- */
/* at::detail::getDefaultCPUGenerator(): a Generator&, whose first word is the GeneratorImpl* */
void* _ZN2at6detail22getDefaultCPUGeneratorEv(void);
/* at::CPUGeneratorImpl::set_current_seed(uint64_t) */
void _ZN2at16CPUGeneratorImpl16set_current_seedEm(void* generator_impl, uint64_t seed);
/* torch::cuda::manual_seed_all(uint64_t) */
void _ZN5torch4cuda15manual_seed_allEm(uint64_t seed);

/* ---- threads ---- */
void _ZN2at15set_num_threadsEi(int threads); /* at::set_num_threads(int): OpenMP's, per calling thread */
int _ZN2at15get_num_threadsEv(void);         /* at::get_num_threads() */
void openblas_set_num_threads(int threads);  /* only where BLAS is OpenBLAS */

/* ---- CUDA: torch::cuda:: is_available(), device_count(), synchronize(int64_t) ---- */
bool _ZN5torch4cuda12is_availableEv(void);
uint64_t _ZN5torch4cuda12device_countEv(void);
void _ZN5torch4cuda11synchronizeEl(int64_t device_index);

/* ---- autocast, per thread: at::autocast:: set_autocast_enabled(DeviceType, bool), set_autocast_dtype, clear_cache ---- */
void _ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb(int8_t device_type, bool enabled);
void _ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE(int8_t device_type, int8_t dtype);
void _ZN2at8autocast11clear_cacheEv(void);

/* ---- operator new(size_t): what carries an optional argument before torch_new_stable_ivalue ---- */
void* _Znwm(uint64_t size);

#endif
