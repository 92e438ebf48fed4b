#!/usr/bin/env bash
# What the compilers of Intel's and Qualcomm's GPUs make of the shaders, without those GPUs: Mesa's drivers on shims of
# the kernel's interface. Builds them of Debian's source (minutes, no LLVM), prints a table a GPU, and fails where a
# kernel that is chosen for it spills.
#
#     benches/gpu/compilers.sh FOLDER      # FOLDER keeps the source, the drivers and the tables
#
# Needs Debian's meson ninja-build bison flex python3-mako pkg-config libdrm-dev zlib1g-dev libexpat1-dev
# glslang-tools libzstd-dev libudev-dev libvulkan1.
set -euo pipefail
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
version=22.3.6
mesa=$folder/mesa-$version
build=$mesa/build

if [ ! -d "$mesa" ]; then
  curl -sSfL "http://deb.debian.org/debian/pool/main/m/mesa/mesa_$version.orig.tar.gz" | tar -xz -C "$folder"
fi
# Debian's Python has the modules that Mesa's generators need.
export PATH=/usr/bin:$PATH
if [ ! -d "$build" ]; then
  off=(opengl=false gles1=disabled gles2=disabled glx=disabled egl=disabled gbm=disabled llvm=disabled
    shared-glapi=disabled valgrind=disabled platforms= gallium-drivers=)
  meson setup "$build" "$mesa" -Dbuildtype=release -Dtools=drm-shim,intel -Dvulkan-drivers=intel,freedreno \
    "${off[@]/#/-D}"
fi
intel=src/intel/vulkan/libvulkan_intel.so
intel_shim=src/intel/tools/libintel_noop_drm_shim.so
adreno=src/freedreno/vulkan/libvulkan_freedreno.so
adreno_shim=src/freedreno/drm-shim/libfreedreno_noop_drm_shim.so
ninja -C "$build" "$intel" "$intel_shim" "$adreno" "$adreno_shim"

PATH=$HOME/.cargo/bin:$PATH
cargo test --package ops-radv --test other_compilers --no-run
test=$(cargo test --package ops-radv --test other_compilers --no-run --message-format json 2>/dev/null |
  sed -n 's/.*"executable":"\([^"]*other_compilers[^"]*\)".*/\1/p')

failed=0
table() { # name, driver, shim, file of experiments/devices, VARIABLE=VALUE of the shim
  printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.2.0"}}' "$build/$2" \
    >"$folder/$1.json"
  env VK_ICD_FILENAMES="$folder/$1.json" LD_PRELOAD="$build/$3" MESA_SHADER_CACHE_DISABLE=1 \
    LAB_GPU_FILE="$4" "$5" "$test" --exact no_chosen_kernel_spills --ignored --nocapture \
    >"$folder/$1.log" 2>&1 || { echo "$1 failed: $folder/$1.log" >&2; failed=1; }
  sed -n '/^kernel,/,/^$/p' "$folder/$1.log" | grep , >"$folder/$1.csv"
}
table tiger-lake "$intel" "$intel_shim" tiger-lake INTEL_STUB_GPU_PLATFORM=tgl
table dg2 "$intel" "$intel_shim" tiger-lake INTEL_STUB_GPU_PLATFORM=dg2
table adreno-630 "$adreno" "$adreno_shim" adreno-630 FD_GPU_ID=630
table adreno-660 "$adreno" "$adreno_shim" adreno-630 FD_GPU_ID=660
for gpu in tiger-lake dg2 adreno-630 adreno-660; do
  printf '\n== %s\n' "$gpu"
  cat "$folder/$gpu.csv"
done
exit "$failed"
