#!/bin/sh
# change-disk.sh LAYER WORK SCRIPT: runs SCRIPT as root in the Debian of a qcow2 layer, with the host's kernel and
# network; what it prints is printed. LAYER gets what a guest would have written to it. WORK is an empty folder.
# In namespaces of its own (unshare --mount --pid --fork --kill-child), so that mounts and processes end with it.
set -eu
layer=$1 disk=$2/disk tree=$2/tree script=$3
mkdir "$tree"
: > "$disk"

qemu-storage-daemon \
  --blockdev "driver=qcow2,node-name=layer,discard=unmap,file.driver=file,file.filename=$layer" \
  --export "fuse,id=disk,node-name=layer,mountpoint=$disk,writable=on" \
  --daemonize --pidfile "$2/daemon.pid"
first=$(partx --show --noheadings --output START --nr 1 "$disk")
mount -t ext4 -o "loop,offset=$((first * 512)),discard" "$disk" "$tree"
mount -t proc proc "$tree/proc"
mount -t sysfs -o ro sysfs "$tree/sys"
mount --bind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
mkdir -p "$tree/run/systemd/resolve"
cp /etc/resolv.conf "$tree/run/systemd/resolve/stub-resolv.conf"

# Services of the disk are not started on this machine.
printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"
chmod 755 "$tree/usr/sbin/policy-rc.d"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  chroot "$tree" sh -euc "$script"
rm "$tree/usr/sbin/policy-rc.d"

umount --recursive "$tree"
# It writes what it holds, and ends.
daemon=$(cat "$2/daemon.pid")
kill "$daemon"
while kill -0 "$daemon" 2> /dev/null; do sleep 0.1; done
