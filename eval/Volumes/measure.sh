#!/usr/bin/env bash
# What an encrypted volume costs against plain ext4: one virtual machine in software (tcg), the guest image's own kernel, modules and command line, three disks alike.
#   eval/Volumes/measure.sh [GUEST-IMAGE] [RESULT]
# plain: ext4 on the disk. crypt: dm-crypt alone (AES-XTS, nothing authenticated). encrypted: the stack of src/Guest/Volumes/VolumeTables.cs. Needs dmsetup, busybox-static, e2fsprogs, cpio, QEMU.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
guest=$(realpath "${1:-$root/out/guest/development}") result=${2:-$root/eval/results/volumes.json}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$work/r"/{bin,proc,sys,dev,mnt,modules,lib64}

# The modules of the image, in its own order.
(cd "$work" && mkdir image && cd image && cpio -idm --quiet <"$guest/initrd.img")
cp "$work/image/modules/"* "$work/r/modules/"
cp "$(command -v busybox)" "$work/r/bin/busybox"
for program in dmsetup mke2fs dd; do
  path=$(readlink -f "$(command -v $program || echo /sbin/$program)")
  cp "$path" "$work/r/bin/$program"
  ldd "$path" | grep -o '/[^ ]*' | while read -r lib; do mkdir -p "$work/r$(dirname "$lib")"; cp -nL "$lib" "$work/r$lib"; done
done

cat >"$work/r/init" <<'INIT'
#!/bin/busybox sh
export PATH=/bin
/bin/busybox mount -t proc proc /proc; /bin/busybox --install -s /bin
mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
for group in base scsi verity volume; do
  for m in $(sed -n "s/^$group: //p" /modules/groups); do insmod /modules/$m.ko 2>/dev/null; done
done
until [ -b /dev/sda ] && [ -b /dev/sdb ] && [ -b /dev/sdc ]; do usleep 100000; done
key=$(head -c 96 /dev/urandom | od -An -tx1 | tr -d ' \n'); mac=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
sectors=$(cat /sys/block/sdb/size)
echo "0 $sectors crypt aes-xts-plain64 $(echo $key | cut -c1-128) 0 /dev/sdb 0 1 sector_size:4096" | dmsetup create crypt --noudevsync; dmsetup mknodes
it() { echo "0 $1 integrity /dev/sdc 0 48 J 4 block_size:4096 fix_padding fix_hmac journal_mac:hmac(sha256):$mac"; }
it 8 | dmsetup create integrity --noudevsync; dmsetup mknodes; provided=$(dmsetup status integrity | cut -d' ' -f5); dmsetup remove integrity
it $provided | dmsetup create integrity --noudevsync; dmsetup mknodes
echo "0 $provided crypt capi:authenc(hmac(sha256),xts(aes))-random $key 0 /dev/mapper/integrity 0 2 integrity:48:aead sector_size:4096" | dmsetup create encrypted --noudevsync; dmsetup mknodes
dmsetup mknodes
/bin/dd if=/dev/zero of=/dev/mapper/encrypted bs=1M 2>/dev/null; sync
now() { cut -d' ' -f1 /proc/uptime | tr -d .; }
run() { # LABEL BYTES-OR-COUNT COMMAND: prints hundredths of a second
  name=$1 amount=$2; shift 2; echo 3 >/proc/sys/vm/drop_caches; a=$(now); "$@" 2>/dev/null; b=$(now)
  echo "RESULT $kind $name $amount $((b - a))" >/dev/ttyS0
}
for round in 1 2 3; do
  for kind in plain crypt encrypted; do
    case $kind in plain) d=/dev/sda;; *) d=/dev/mapper/$kind;; esac
    /bin/mke2fs -F -q -t ext4 -b 4096 -E lazy_itable_init=0,lazy_journal_init=0,nodiscard $d; mount -t ext4 $d /mnt
    run write 134217728 /bin/dd if=/dev/zero of=/mnt/f bs=1M count=128 conv=fsync
    run read 134217728 /bin/dd if=/mnt/f of=/dev/null bs=1M
    run commit 300 /bin/dd if=/dev/zero of=/mnt/g bs=4096 count=300 oflag=dsync
    umount /mnt
  done
done
echo DONE >/dev/ttyS0
reboot -f
INIT
chmod +x "$work/r/init"
(cd "$work/r" && find . | cpio -o -H newc --quiet) >"$work/initrd"
for d in a b c; do truncate -s 512M "$work/$d.img"; done
command=$(sed -n 's/.*"tcg": *"\([^"]*\)".*/\1/p' "$guest/manifest.json")
# A microvm in software has no clock but the processor's counter, which QEMU hands through: its frequency is measured here, as the visor does.
cat >"$work/khz.c" <<'C'
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>
int main(void) { struct timespec a, b; clock_gettime(CLOCK_MONOTONIC_RAW, &a); unsigned long long s = __rdtsc(); do clock_gettime(CLOCK_MONOTONIC_RAW, &b); while (b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9 < 0.1); printf("%.0f\n", (__rdtsc() - s) / ((b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6)); return 0; }
C
gcc -O1 -o "$work/khz" "$work/khz.c"
timeout 900 qemu-system-x86_64 -M microvm,accel=tcg,isa-serial=on,rtc=on -cpu max -m 512M -smp 1 -nodefaults -no-user-config -display none -no-reboot \
  -kernel "$guest/vmlinuz" -initrd "$work/initrd" -append "$command console=ttyS0 tsc_early_khz=$("$work/khz")" -serial "file:$work/log" -device virtio-scsi-device,id=scsi \
  -drive "if=none,id=a,format=raw,file=$work/a.img" -device scsi-hd,bus=scsi.0,drive=a,lun=0 \
  -drive "if=none,id=b,format=raw,file=$work/b.img" -device scsi-hd,bus=scsi.0,drive=b,lun=1 \
  -drive "if=none,id=c,format=raw,file=$work/c.img" -device scsi-hd,bus=scsi.0,drive=c,lun=2
grep -q DONE "$work/log" || { tail -20 "$work/log"; exit 1; }

# The median of three rounds.
tr -d '\r' <"$work/log" | awk -v date="$(date -u +%FT%TZ)" -v cpu="$(sed -n 's/^model name\t: //p' /proc/cpuinfo | head -1)" '
  $1 == "RESULT" { k = $2 " " $3; n[k]++; t[k, n[k]] = $5; amount[k] = $4; if (!(k in seen)) { order[++m] = k; seen[k] } }
  END {
    printf "{\n  \"schema\": \"pavise.eval.volumes/v1\", \"date\": \"%s\", \"machine\": \"tcg, one processor, 512 MiB, %s\",\n  \"results\": [\n", date, cpu
    for (i = 1; i <= m; i++) {
      k = order[i]; split(k, p, " "); a = t[k, 1]; b = t[k, 2]; c = t[k, 3]; mid = a > b ? (b > c ? b : (a > c ? c : a)) : (a > c ? a : (b > c ? c : b)); if (mid == 0) mid = 1
      value = amount[k] > 100000 ? amount[k] / 1048576 / (mid / 100) : amount[k] / (mid / 100)
      printf "    { \"volume\": \"%s\", \"test\": \"%s\", \"unit\": \"%s\", \"median\": %.1f }%s\n", p[1], p[2], amount[k] > 100000 ? "MiB/s" : "1/s", value, i < m ? "," : ""
    }
    print "  ]\n}"
  }' >"$result"
cat "$result"
