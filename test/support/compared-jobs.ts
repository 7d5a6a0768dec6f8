// Jobs of two hosts over some nights, for comparisons: a change of packages breaks three tests, a flaky test fails, one
// takes longer, one is fixed.

import { tar } from '../ingest/archives'
import type { Client } from './client'

const HOUR_MS = 3_600_000

const component = (name: string, version: string, kind = 'rpm') => {
  const [first = '', release = ''] = version.split('-')
  return { name, version: first, release, checksum: '', kind, arch: 'x86_64' }
}

/** Packages that never change. */
const steady = Array.from({ length: 400 }, (_, index) => component(`lib${index}`, '1.0-1'))

function environment(isUpdated: boolean) {
  return {
    distro: { name: 'fedora', version: '43', release: '0', arch: 'x86_64' },
    installed_software_components: [
      component('Linux', isUpdated ? '7.1.0-rc6' : '7.1.0-rc5', 'kernel'),
      component('qemu-kvm', isUpdated ? '9.2.0-3' : '9.2.0-2'),
      component('edk2-ovmf', isUpdated ? '20240524-10' : '20240524-9'),
      component('seabios-bin', isUpdated ? '1.16.3-5' : '1.16.3-4'),
      component('openssl-libs', isUpdated ? '3.5.0-9' : '3.5.1-4'),
      ...(isUpdated ? [component('swtpm', '0.9.0-3')] : [component('passt', '0.20240806-2')]),
      ...steady,
    ],
  }
}

const migration = (vm: number) =>
  `Migration failed: guest avocado-vt-vm${vm} terminated by signal 6 (multifd_recv_sync_main)`

/** The nights of rack7: night-0 to night-4. The update comes before night-4. */
export async function makeComparedJobs(client: Client, newest = Date.now() - 2 * HOUR_MS): Promise<void> {
  const environments: number[] = []
  for (const isUpdated of [false, true]) {
    const { headers } = await client.post('/testenvironments/', environment(isUpdated))
    environments.push(Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2)))
  }
  for (let night = 0; night <= 4; night++) {
    const isUpdated = night === 4
    const started = new Date(newest - (4 - night) * 24 * HOUR_MS).toISOString()
    const tests: [tag: string, status: string, seconds: number, reason?: string][] = [
      ...['tcp', 'tls', 'multifd'].map(
        (name, vm): [string, string, number, string?] =>
          [
            `io-github-autotest-qemu.migrate.${name};q35-qcow2`,
            isUpdated ? 'FAIL' : 'PASS',
            40 + night,
            ...(isUpdated ? [migration(vm)] : []),
          ] as [string, string, number, string?],
      ),
      ['io-github-autotest-qemu.usb.hub', isUpdated ? 'PASS' : 'FAIL', 12, 'no such device'],
      ['io-github-autotest-qemu.block_stream', 'PASS', isUpdated ? 231 : 182 + (night % 3)],
      ['io-github-autotest-qemu.virtio_console', 'FAIL', 30, 'Timeout expired while waiting for shell'],
      ...Array.from({ length: 50 }, (_, index): [string, string, number] => [
        `io-github-autotest-libvirt.virsh.domain_${index}`,
        'PASS',
        1,
      ]),
      isUpdated ? ['io-github-autotest-qemu.vtpm.boot', 'PASS', 5] : ['kvm_unit.realmode', 'PASS', 2],
    ]
    const { status, body } = await client.post('/jobs/', {
      id: `night-${night}`,
      description: 'nightly kvm',
      time: started,
      status: 'FAIL',
      labels: { host: 'rack7', branch: 'main', plan: 'nightly', build: String(100 + night) },
      tests: tests.map(([tag, status, elapsed_time, fail_reason], index) => ({
        tag: `${String(index + 1).padStart(2, '0')}-${tag}`,
        status,
        elapsed_time,
        started,
        environment: environments[isUpdated ? 1 : 0],
        ...(status === 'FAIL' && { fail_reason }),
      })),
    })
    if (status !== 201) throw new Error(`POST /jobs/: ${status} ${JSON.stringify(body)}`)
    await addSysinfo(client, `night-${night}`, isUpdated)
  }
}

/** Files that an import adds to a stored job. */
async function addSysinfo(client: Client, job: string, isUpdated: boolean): Promise<void> {
  const file = (path: string, content: string) => ({ name: `job/${path}`, content })
  const { status, body } = await client.request('POST', `/imports/?job=${job}`, {
    body: tar([
      file('results.json', JSON.stringify({ job_id: job, tests: [] })),
      file(
        'sysinfo/pre/cmdline',
        `BOOT_IMAGE=/vmlinuz\nroot=/dev/vda3 ro${isUpdated ? ' mitigations=off' : ''}\n`,
      ),
      file('sysinfo/pre/lsmod', isUpdated ? 'kvm_amd 1\nkvm 2\n' : 'kvm_amd 1\nkvm 1\n'),
      file('sysinfo/pre/cpuinfo', 'AMD EPYC\n'),
    ]),
  })
  if (status >= 300) throw new Error(`POST /imports/: ${status} ${JSON.stringify(body)}`)
}
