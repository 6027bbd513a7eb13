#!/bin/sh
# Become the first process of a machine of its own: a throw-away layer over ROOT, and a real systemd in it. Run inside new
# namespaces (mount, pid, uts, ipc, net, cgroup) by machine.py; nothing here reaches the host, and all of it is gone with
# the last process.
#     boot.sh ROOT SCRATCH
set -eu
root=$1 scratch=$2

mount --make-rprivate /
mount -t tmpfs -o mode=0755,size=3g tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
new=$scratch/root
mount -t overlay -o "lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$new"
mount -t proc proc "$new/proc"
mount -t sysfs -o ro sysfs "$new/sys"
mount -t cgroup2 cgroup2 "$new/sys/fs/cgroup"
mount -t tmpfs -o mode=0755 tmpfs "$new/dev"
for node in null zero full random urandom tty; do
  : >"$new/dev/$node"
  mount --bind "/dev/$node" "$new/dev/$node"
done
mkdir "$new/dev/pts" "$new/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$new/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$new/dev/shm"
ln -s pts/ptmx "$new/dev/ptmx"
ln -s /proc/self/fd "$new/dev/fd"
# The distribution's rules clear and fill these at boot; they must not be the host's.
for own in run tmp var/log; do
  mount -t tmpfs -o mode=1777 tmpfs "$new/$own"
done
chmod 0755 "$new/run" "$new/var/log"

# A machine that was never booted, and boots nothing of the host's: only what the tests start.
echo uninitialized >"$new/etc/machine-id"
rm -f "$new"/etc/systemd/system/*.wants/* 2>/dev/null || true
for unit in systemd-udevd systemd-udev-trigger systemd-modules-load systemd-logind systemd-timesyncd \
  systemd-remount-fs systemd-firstboot systemd-networkd systemd-resolved systemd-sysctl; do
  ln -sf /dev/null "$new/etc/systemd/system/$unit.service"
done
cat >"$new/etc/systemd/system/tests.target" <<UNIT
[Unit]
Description=All that a test needs
Requires=sysinit.target dbus.socket
After=sysinit.target dbus.socket
AllowIsolate=yes
UNIT

ip link set lo up
cd "$new"
mkdir .before
pivot_root . .before
umount -l /.before
# LoadCredential= hands nothing over on mounts that are private.
mount --make-rshared /
export container=recordingd-tests
exec /lib/systemd/systemd --system --show-status=no --unit=tests.target
