// Jobs of two hosts over twelve nights, for comparisons: an update breaks three tests on rack8, and some nights later on
// rack7; a flaky test fails, one takes longer, one is fixed.

import { tar } from '../ingest/archives'
import type { Client } from './client'
import { untilAnalysed } from './settled'

const HOUR_MS = 3_600_000
const NIGHTS = 12
/** The newest job on rack7, which is the first with the update there. */
export const BROKEN_JOB = `rack7-night-${NIGHTS - 1}`
/** The first night with the update. */
const UPDATED = { rack7: NIGHTS - 1, rack8: NIGHTS - 4 }

type Host = keyof typeof UPDATED

const component = (name: string, text: string, kind = 'rpm') => {
  const [version = '', release = ''] = text.split('-')
  return { name, version, release, checksum: '', kind, arch: 'x86_64' }
}

/** Packages that never change. */
const steady = Array.from({ length: 400 }, (_, index) => component(`lib${index}`, '1.0-1'))

function environment(host: Host, isUpdated: boolean) {
  const own =
    host === 'rack8'
      ? [component('Linux', '7.1.0-rc4', 'kernel')]
      : [
          component('Linux', isUpdated ? '7.1.0-rc6' : '7.1.0-rc5', 'kernel'),
          component('openssl-libs', isUpdated ? '3.5.0-9' : '3.5.1-4'),
          component('glib2', isUpdated ? '2.82.4-2' : '2.82.4-1'),
          isUpdated ? component('swtpm', '0.9.0-3') : component('passt', '0.20240806-2'),
        ]
  return {
    distro: { name: 'fedora', version: '43', release: '0', arch: 'x86_64' },
    installed_software_components: [
      component('qemu-kvm', isUpdated ? '9.2.0-3' : '9.2.0-2'),
      component('edk2-ovmf', isUpdated ? '20240524-10' : '20240524-9'),
      component('seabios-bin', isUpdated ? '1.16.3-5' : '1.16.3-4'),
      ...own,
      ...steady,
    ],
  }
}

interface MadeTest {
  name: string
  status?: string
  seconds?: number
  reason?: string
}

function testsOf(host: Host, night: number): MadeTest[] {
  const isUpdated = night >= UPDATED[host]
  const isNewest = host === 'rack7' && isUpdated
  const failing = (reason: string, fails: boolean) => (fails ? { status: 'FAIL', reason } : {})
  return [
    ...['tcp', 'tls', 'multifd'].map((name, vm) => ({
      name: `io-github-autotest-qemu.migrate.${name};q35-qcow2`,
      seconds: 40 + (night % 3),
      ...failing(
        `Migration failed: guest avocado-vt-vm${vm} terminated by signal 6 (multifd_recv_sync_main)`,
        isUpdated,
      ),
    })),
    { name: 'io-github-autotest-qemu.usb.hub', ...failing('no such device', !isNewest && night > 4) },
    { name: 'io-github-autotest-qemu.block_stream', seconds: isNewest ? 231 : 182 + (night % 3) },
    {
      name: 'io-github-autotest-qemu.virtio_console',
      ...failing('Timeout expired while waiting for shell', night > 2),
    },
    {
      name: 'io-github-autotest-qemu.timerdevice.clock_drift',
      ...failing(`drift of ${night} ms`, night % 4 === 3),
    },
    ...Array.from({ length: 50 }, (_, index) => ({
      name: `io-github-autotest-libvirt.virsh.domain_${index}`,
      seconds: 1,
    })),
    { name: isNewest ? 'io-github-autotest-qemu.vtpm.boot' : 'kvm_unit.realmode' },
  ]
}

/** @param newest  when the last night began, in milliseconds. */
export async function makeComparedJobs(client: Client, newest = Date.now() - 2 * HOUR_MS): Promise<void> {
  for (const host of ['rack7', 'rack8'] as const) {
    const environments: number[] = []
    for (const isUpdated of [false, true]) {
      const { headers } = await client.post('/testenvironments/', environment(host, isUpdated))
      environments.push(Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2)))
    }
    for (let night = 0; night < NIGHTS; night++) {
      const isUpdated = night >= UPDATED[host]
      const started = new Date(newest - (NIGHTS - 1 - night) * 24 * HOUR_MS).toISOString()
      const id = `${host}-night-${night}`
      const { status, body } = await client.post('/jobs/', {
        id,
        description: 'nightly kvm',
        time: started,
        status: 'FAIL',
        labels: { host, branch: 'main', plan: 'nightly', build: String(100 + night) },
        tests: testsOf(host, night).map(({ name, status = 'PASS', seconds = 5, reason }, index) => ({
          ...{ tag: `${String(index + 1).padStart(2, '0')}-${name}`, status, started },
          ...{ elapsed_time: seconds, environment: environments[isUpdated ? 1 : 0] },
          ...(reason && { fail_reason: reason }),
        })),
      })
      if (status !== 201) throw new Error(`POST /jobs/: ${status} ${JSON.stringify(body)}`)
      if (night >= NIGHTS - 2) await addSysinfo(client, id, isUpdated)
    }
  }
  await untilAnalysed(client)
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
