// Fail reasons after those of real tools, each many times with other values: what has one number has one cause.

type Dice = () => number

const pick = <T>(dice: Dice, values: readonly T[]): T => values[Math.floor(dice() * values.length)] as T
const integer = (dice: Dice, from: number, to: number) => from + Math.floor(dice() * (to - from))
const hex = (dice: Dice, digits: number) =>
  Array.from({ length: digits }, () => integer(dice, 0, 16).toString(16)).join('')
const letters = (dice: Dice, count: number) =>
  Array.from({ length: count }, () => pick(dice, [...'abcdefghijklmnopqrstuvwxyz'])).join('')

/** What stands in braces in a message. */
const values: Record<string, (dice: Dice) => string> = {
  n: (dice) => String(integer(dice, 2, 99_999)),
  cpu: (dice) => String(integer(dice, 0, 64)),
  float: (dice) => (dice() * 900).toFixed(integer(dice, 1, 6)),
  size: (dice) => `${integer(dice, 1, 900)}${pick(dice, ['M', 'G', 'MiB', 'GiB', 'kB'])}`,
  x: (dice) => `0x${hex(dice, integer(dice, 4, 16))}`,
  hex16: (dice) => `f${hex(dice, 7)}a${hex(dice, 6)}0`,
  uuid: (dice) => [8, 4, 4, 4, 12].map((digits) => hex(dice, digits)).join('-'),
  mac: (dice) => Array.from({ length: 6 }, () => hex(dice, 2)).join(':'),
  ip: (dice) => Array.from({ length: 4 }, () => integer(dice, 1, 255)).join('.'),
  vm: (dice) => pick(dice, [`vm-${letters(dice, 6)}`, `avocado-vt-vm${integer(dice, 1, 30)}`]),
  word: (dice) => letters(dice, integer(dice, 4, 9)),
  tmp: (dice) => `/tmp/tmp${letters(dice, 4)}${integer(dice, 0, 99)}/${letters(dice, 5)}`,
  image: (dice) => `/var/lib/libvirt/images/${letters(dice, 6)}.qcow2`,
  disk: (dice) => pick(dice, ['vda', 'vdb', 'sda', 'sdb', 'nvme0n1', 'nvme1n1p2']),
  pci: (dice) => `0000:${hex(dice, 2)}:${hex(dice, 2)}.${integer(dice, 0, 8)}`,
  ktime: (dice) =>
    `[${String(integer(dice, 1, 99_999)).padStart(5)}.${String(integer(dice, 0, 10 ** 6)).padStart(6, '0')}]`,
  time: (dice) =>
    `2026-0${integer(dice, 1, 9)}-${integer(dice, 10, 28)} ${integer(dice, 10, 23)}:${integer(dice, 10, 59)}:${integer(dice, 10, 59)}`,
  offset: (dice) => `0x${hex(dice, 3)}/0x${hex(dice, 3)}`,
  line: (dice) => String(integer(dice, 10, 2000)),
  url: (dice) =>
    `http://10.0.${integer(dice, 0, 255)}.${integer(dice, 1, 255)}:${integer(dice, 1024, 65535)}/images/${letters(dice, 6)}`,
}

/** As libvirt, QEMU, the kernel, dnf, ssh, pytest, Avocado and its plugins print them. */
export const messages: readonly string[] = [
  'error: Failed to start domain {vm}\nerror: internal error: process exited while connecting to monitor: {time} qemu-system-x86_64: -blockdev driver=file,filename={image}: Could not open: Permission denied',
  "error: Failed to start domain {vm}\nerror: Requested operation is not valid: network 'default' is not active",
  "libvirt.libvirtError: Domain not found: no domain with matching uuid '{uuid}' ({vm})",
  'libvirt.libvirtError: Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainCreate)',
  "error: internal error: unable to execute QEMU command 'device_add': Bus 'pcie.{n}' not found",
  "error: internal error: unable to execute QEMU command 'migrate': Migration is disabled when using feature(s) in use: {word}",
  'error: operation failed: migration out job: unexpectedly failed after {n} ms',
  'qemu-kvm: -device vfio-pci,host={pci}: vfio {pci}: failed to open /dev/vfio/{n}: No such file or directory',
  "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory ({size} wanted)",
  "qemu-img: Could not open '{image}': Image is not in qcow2 format",
  'qemu-img: {tmp}.raw: error while writing at byte {n}: No space left on device',
  '{ktime} BUG: kernel NULL pointer dereference, address: {hex16}\n{ktime} RIP: 0010:blk_mq_free_request+{offset}\n{ktime} Call Trace:',
  '{ktime} BUG: kernel NULL pointer dereference, address: {hex16}\n{ktime} RIP: 0010:kvm_vcpu_kick+{offset} [kvm]\n{ktime} Call Trace:',
  '{ktime} WARNING: CPU: {cpu} PID: {n} at kernel/sched/core.c:{line} sched_setaffinity+{offset}',
  '{ktime} general protection fault, probably for non-canonical address {x}: 0000 [#1] PREEMPT SMP NOPTI\n{ktime} RIP: 0010:tcp_ack+{offset}',
  '{ktime} watchdog: BUG: soft lockup - CPU#{cpu} stuck for {n}s! [migration/{cpu}:{n}]',
  '{ktime} rcu: INFO: rcu_preempt detected stalls on CPUs/tasks: {n}-...0: (1 GPs behind)',
  '{ktime} Out of memory: Killed process {n} (qemu-kvm) total-vm:{n}kB, anon-rss:{n}kB',
  '{ktime} EXT4-fs error (device {disk}): ext4_find_entry:{line}: inode #{n}: comm fio: reading directory lblock 0',
  '{ktime} blk_update_request: I/O error, dev {disk}, sector {n} op 0x1:(WRITE) flags 0x{n}',
  '{ktime} INFO: task kworker/u{n}:{n} blocked for more than {n} seconds.',
  'ssh: connect to host {ip} port 22: Connection refused',
  'ssh: connect to host {ip} port 22: No route to host',
  'ssh_exchange_identification: read: Connection reset by peer from {ip} port {n}',
  'kex_exchange_identification: Connection closed by remote host',
  'Permission denied (publickey,gssapi-keyex,gssapi-with-mic) for root@{ip}',
  "Error: Failed to download metadata for repo 'updates': Cannot download repomd.xml: Curl error (28): Timeout was reached for {url} after {n} milliseconds",
  'Error: Unable to find a match: {word}-devel',
  'Error: Transaction test error:\n  file /usr/lib64/libvirt.so.0.{n} from install of libvirt-libs-{n}.fc43.x86_64 conflicts',
  'curl: (7) Failed to connect to {ip} port {n} after {n} ms: Connection refused',
  'E       AssertionError: assert {n} == {n}\n\ntest_numbers.py:{line}: AssertionError',
  "E       KeyError: '{uuid}'\n\nconftest.py:{line}: KeyError",
  'E       TimeoutError: waited {float} s for the guest agent\n\ntest_agent.py:{line}: TimeoutError',
  "E       requests.exceptions.ConnectionError: HTTPConnectionPool(host='{ip}', port={n}): Max retries exceeded with url: /api",
  "fixture 'session_{word}' not found, line {line}",
  "aexpect.exceptions.ShellCmdError: Shell command failed: 'mount {tmp}' (status: 32)",
  "Login timeout expired (output: '{vm} login: ')",
  "Timeout expired while waiting for shell command to complete: 'reboot' (output: '')",
  "Command '/usr/bin/fio --filename=/dev/{disk} --runtime={n}' failed.\nstdout: b''\nstderr: b'fio: pid={n}, err=5/file:io_u.c:{line}, func=io_u error, error=Input/output error'",
  "Command 'virsh attach-device {vm} {tmp}.xml' failed.\nstdout: b''\nstderr: b'error: Failed to attach device'",
  "Command 'systemctl restart libvirtd' failed with exit status 1",
  "Command 'systemctl restart libvirtd' failed with exit status 4",
  'Guest kernel crashed: found {n} calls of panic in {tmp}/serial.log',
  'Expected {size} of memory in the guest, got {size}',
  'Test timeout: {n} seconds passed while waiting for {vm}',
  'NUMA node {cpu} has {n} kB free, {n} kB wanted',
  'iperf3: error - unable to send control message: Bad file descriptor ({n})',
  'ping: {ip}: {n} packets transmitted, {n} received, {n}% packet loss, time {n}ms',
  'Throughput of {disk} is {float} MB/s, at least {n} MB/s expected',
  'ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (No such file or directory)',
  'mount.nfs: Connection timed out for {ip}:/exports/{word}',
  "OSError: [Errno 28] No space left on device: '{tmp}.img'",
  "OSError: [Errno 16] Device or resource busy: '/dev/{disk}'",
  'podman: Error: creating container storage: the container name "{word}" is already in use by {hex16}{hex16}',
  'systemd-coredump: Process {n} (qemu-kvm) of user {n} dumped core.',
  'Segmentation fault (core dumped) in /usr/bin/qemu-io, pid {n}',
  'unexpected scsi error',
  'nvme on arm: expected {n} queues, got {n}',
  'Test passed but there were warnings during execution. Check the log for details.',
  'Test interrupted: Timeout reached',
]

/** Each message so many times. @returns the index of its message with each text */
export function drawMessages(times: number, dice: Dice): { cause: number; text: string }[] {
  return messages.flatMap((message, cause) =>
    Array.from({ length: times }, () => ({
      cause,
      text: message.replace(/\{(\w+)\}/g, (_, name: string) => values[name]?.(dice) ?? name),
    })),
  )
}
