package imports

import "testing"

// Names of kernels as engines and libraries have them, without a module around them.
func TestKernelNames(t *testing.T) {
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	for op, names := range map[string][]string{
		groupAttention: {
			"void flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4>>", "void flash::flash_fwd_splitkv_combine_kernel<...>",
			"void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<...>>>", "flash::prepare_varlen_num_blocks_kernel<1, true>",
			"void cutlass::device_kernel<flash::FlashAttnFwdCombine<...>>", "void vllm::paged_attention_v2_kernel<uint16_t, 128>", "kernel_unified_attention_2d",
			"void flashinfer::BatchPrefillWithPagedKVCacheKernel<...>", "void flashinfer::BatchDecodeWithPagedKVCacheKernel<...>", "void flashinfer::PrefillWithKVCacheKernel<...>",
			"void flashinfer::PersistentVariableLengthMergeStatesKernel<...>", "fmhaSm100aKernel_QkvBfloat16OBfloat16H128PagedKvDense", "_fwd_kernel", "_fwd_kernel_stage1",
			"_fwd_grouped_kernel_stage1", "attn_fwd", "void pytorch_flash::flash_fwd_kernel<...>", "_ZN5aiter19fmha_fwd_hd128_bf16E",
		},
		groupNorm: {
			"void vllm::rms_norm_kernel<c10::BFloat16>", "std::enable_if<...>::type vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>", "_layer_norm_fwd_kernel", "_rms_norm_fwd_kernel",
			"triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0", "triton_red_fused__to_copy_mean_rsqrt_2", "void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<c10::Half, float>",
		},
		groupGEMM: {
			"nvjet_tst_64x8_64x16_4x1_v_bz_TNT", "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64", "ampere_fp16_s16816gemm_fp16_64x64_sliced1x2_ldg8_f2f_stages_64x5_tn",
			"void cutlass::Kernel2<cutlass_80_tensorop_bf16_s16816gemm_relu_bf16_128x128>", "std::enable_if<!T7, void>::type internal::gemvx::kernel<int, int>", "void cublasLt::splitKreduce_kernelX",
			"Cijk_Alik_Bljk_BBS_BH_Bias_HAS_SAV_UserArgs_MT256x128x64", "void wvSplitK_hf_sml_<__hip_bfloat16, 64, 2, 16, 8, 2, 4>",
		},
		"attn_rope":          {"void vllm::rotary_embedding_kernel<c10::BFloat16, true>", "void flashinfer::BatchQKApplyRotaryPosIdsCosSinCacheKernel<...>", "void tensorrt_llm::kernels::applyBiasRopeUpdateKVCacheV2<...>"},
		"attn_kv_cache_save": {"void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16>", "void store_kvcache<256l, true, unsigned int>(unsigned int*)", "void flashinfer::AppendPagedKVCacheKernel<128>"},
		"mlp_act":            {"void vllm::act_and_mul_kernel<c10::BFloat16, &vllm::silu_kernel>", "void flashinfer::activation::act_and_mul_kernel<...>", "triton_poi_fused_mul_silu_slice_1"},
		allReduce:            {"ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)", "void vllm::cross_device_reduce_1stage<__nv_bfloat16, 2>", "void flashinfer::trtllm_allreduce_fusion::allreduce_fusion_kernel_oneshot_lamport<...>"},
		embed:                {"void at::native::(anonymous namespace)::indexSelectLargeIndex<c10::Half, long>", "void at::native::vectorized_gather_kernel<16, long>(char*, char*, long*)"},
		"add":                {"void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<c10::BFloat16>>"},
		other:                {"Memcpy DtoD (Device -> Device)", "ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)", "void at::native::(anonymous namespace)::cunn_SoftMaxForward<4, float>"},
		"":                   {"mystery_kernel", "triton_poi_fused_cat_3"},
	} {
		for _, name := range names {
			got := rules.match(name, "")
			if got == groupSame {
				got = groupGEMM // the end of one
			}
			if got != op {
				t.Errorf("%s is %q, not %q", name, got, op)
			}
		}
	}
}
