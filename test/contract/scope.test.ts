// Lists of jobs by where they ran: labels, hosts, branches, environments and components.

import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()

const component = (name: string, version: string, release: string, kind = 'rpm') => ({
  name,
  version,
  release,
  checksum: '',
  kind,
  arch: 'x86_64',
})
const distro = (name: string, version: string, release: string, arch = 'x86_64') => ({
  name,
  version,
  release,
  arch,
})

/** The ids of the environments, by a name of ours. */
const environments: Record<string, number> = {}

async function addEnvironment(name: string, value: object): Promise<void> {
  const made = await server.client.post('/testenvironments/', value)
  environments[name] = Number(made.headers.get('location')?.split('/').at(-2))
}

beforeAll(async () => {
  await addEnvironment('old', {
    distro: distro('fedora', '42', '0'),
    installed_software_components: [
      component('qemu-kvm', '9.1.2', '1.fc42'),
      component('Linux', '6.12.0', '1.fc42.x86_64', 'kernel'),
    ],
  })
  await addEnvironment('new', {
    distro: distro('fedora', '43', '0'),
    installed_software_components: [
      component('qemu-kvm', '10.0.0', '3.fc43'),
      component('Linux', '6.12.7', '2.fc43.x86_64', 'kernel'),
    ],
  })
  await addEnvironment('debian', {
    distro: distro('debian', '12', '11', 'aarch64'),
    installed_software_components: [
      component('qemu-kvm', '1:7.2', '1+b1', 'deb'),
      component('Linux', '6.1.0', '13-arm64', 'kernel'),
    ],
  })
  const jobs: [id: string, labels: object, environment?: string | string[]][] = [
    ['a', { host: 'rack7', branch: 'main', tag: ['x', 'y'] }, 'old'],
    ['b', { host: 'rack8', branch: 'main', tag: 'y,z' }, 'new'],
    ['c', { host: 'rack7', branch: 'next', arch: 'riscv64' }, 'debian'],
    ['d', { host: 'localhost', note: 'back\\slash' }],
    ['e', {}, ['old', 'debian']],
  ]
  for (const [id, labels, environment = []] of jobs) {
    const tests = [environment].flat().map((name, index) => ({
      tag: `${index + 1}-t`,
      status: 'PASS',
      environment: environments[name],
    }))
    await server.makeJob({ id, labels, time: '2026-11-01T00:00:00Z', tests })
  }
})

/** The ids of the jobs that fit, of both orders and of a page that is counted. */
async function idsOf(query: string): Promise<string> {
  const found: string[] = []
  for (const ordering of ['number', '-time', 'id', 'time,number']) {
    const { status, body } = await server.stranger.get(`/jobs/?${query}&ordering=${ordering}`)
    if (status !== 200) throw new Error(JSON.stringify(body))
    const ids = body.results.map(({ id }: { id: string }) => id).sort()
    expect(body.count).toBe(ids.length)
    found.push(ids.join(''))
  }
  expect(new Set(found).size).toBe(1)
  return found[0] ?? ''
}

const encoded = (query: string) => query.replaceAll('+', '%2B')

test.each([
  ['label=branch:main', 'ab'],
  ['label=host:rack7', 'ac'],
  ['label=host:rack7,rack8', 'abc'],
  ['label=branch:main&label=host:rack7,rack8', 'ab'],
  ['label=branch:main&label=host:rack7', 'a'],
  ['label=host:rack9', ''],
  ['label=host:rack9,rack8', 'b'],
  ['label=tag:y', 'a'],
  ['label=tag:x,y', 'a'],
  ['label=tag:y\\,z', 'b'],
  ['label=tag:y\\,z,x', 'ab'],
  ['label=note:back\\\\slash', 'd'],
  ['label=note:back\\slash', 'd'],
  ['label=tag', 'ab'],
  ['label=host', 'abc'],
  ['label=!host', 'de'],
  ['label=!tag', 'cde'],
  ['label=!branch:main', 'cde'],
  ['label=!tag:x', 'bcde'],
  ['label=!host:rack7,rack8', 'de'],
  ['label=!branch:main&label=host:rack7', 'c'],
  ['label=!branch:next&label=!host:rack8&label=!tag', 'de'],
  ['label=host:localhost', 'd'],
  ['host=rack7', 'ac'],
  ['host=rack7&branch=next', 'c'],
  ['host=!rack7', 'bde'],
  ['branch=main,next', 'abc'],
  ['label=arch:x86_64', 'abe'],
  ['label=arch:aarch64', 'ce'],
  ['label=arch:riscv64', 'c'],
  ['label=arch', 'abce'],
  ['label=!arch:x86_64', 'cd'],
  ['label=distro:fedora-43', 'b'],
  ['label=distro:fedora', 'abe'],
  ['label=distro:debian-12', 'ce'],
  ['label=distro:debian-12.11', 'ce'],
  ['label=distro:debian-1', ''],
  ['label=kernel:6.12.0-1.fc42.x86_64', 'ae'],
  ['label=kernel:6.12.0-1', 'ae'],
  ['label=kernel:6.12', 'abe'],
  ['label=kernel:6.1', 'ce'],
  ['label=kernel', 'abce'],
  ['label=distro:fedora&label=kernel:6.12.7', 'b'],
  ['component=qemu-kvm', 'abce'],
  ['component=!qemu-kvm', 'd'],
  ['component=qemu', ''],
  ['component=qemu-kvm>=9.2', 'bce'],
  ['component=qemu-kvm<10', 'ae'],
  ['component=qemu-kvm=10.0.0', 'bc'.slice(0, 1)],
  ['component=qemu-kvm=10.0.0-3.fc43', 'b'],
  ['component=qemu-kvm=10.0.0-4.fc43', ''],
  ['component=qemu-kvm>10.0.0', 'ce'],
  ['component=qemu-kvm<=1:7.2-1+b1', 'abce'],
  ['component=qemu-kvm>=1:7.2-1+b2', ''],
  ['component=!qemu-kvm>=9.2', 'ad'],
  ['component=qemu-kvm>=9.2&component=Linux>=6.12', 'be'],
  ['component=Linux<6.12.0-2', 'ace'],
  ['component=qemu-kvm&label=branch:main', 'ab'],
  ['status=none&label=branch:main', 'ab'],
  ['status=PASS&label=branch:main', ''],
  ['outcome=PASS&label=branch:main', 'ab'],
  ['outcome=PASS&label=!branch:main', 'ce'],
  ['search=a&label=branch:main', 'a'],
  ['search=a&label=!branch:main', ''],
  ['running=false&label=branch:main', 'ab'],
  ['running=true&label=branch:main', ''],
  ['time_after=2026-10-01T00:00:00Z&label=branch:main', 'ab'],
  ['time_after=2026-11-02T00:00:00Z&label=branch:main', ''],
])('%s', async (query, ids) => {
  expect(await idsOf(encoded(query))).toBe(ids)
})

test('environments are named by their ids', async () => {
  const { old, new: newer, debian } = environments
  expect(await idsOf(`environment=${old}`)).toBe('ae')
  expect(await idsOf(`environment=${newer},${debian}`)).toBe('bce')
  expect(await idsOf(`environment=!${old}`)).toBe('bcd')
  expect(await idsOf('environment=987654')).toBe('')
})

test.each([
  ['label=a b:c', { label: ['"a b" is no key of a label: 1 to 64 letters, digits and _ . -'] }],
  ['label=host:', { label: ['host: This field may not be blank.'] }],
  ['label=host:a,,b', { label: ['host: This field may not be blank.'] }],
  ['host=a,', { host: ['host: This field may not be blank.'] }],
  ['environment=x', { environment: ['A valid integer is required.'] }],
  ['environment=0', { environment: ['Ensure this value is greater than or equal to 1.'] }],
  ['component=>=9', { component: ['This field may not be blank.'] }],
  ['component=qemu>=', { component: ['"qemu>=" names no version: write NAME>=VERSION.'] }],
  ['component=qemu==9', { component: ['"qemu==9" names no version: write NAME>=VERSION.'] }],
  [
    Array.from({ length: 17 }, (_, index) => `label=k:${index}`).join('&'),
    { label: ['This parameter is repeated 16 times at most.'] },
  ],
  [
    Array.from({ length: 5 }, (_, index) => `label=!k:${index}`).join('&'),
    { label: ['At most 4 conditions of a list begin with "!".'] },
  ],
  [
    `label=k:${Array.from({ length: 101 }, (_, index) => index).join(',')}`,
    { label: ['k: at most 100 values.'] },
  ],
])('%s is refused', async (query, body) => {
  const reply = await server.stranger.get(`/jobs/?${query}`)
  expect([reply.status, reply.body]).toEqual([400, body])
})

test('links to other pages keep all labels', async () => {
  const { body } = await server.stranger.get('/jobs/?label=branch:main&label=host:rack7,rack8&page_size=1')
  const next = new URL(body.next)
  expect(next.searchParams.getAll('label')).toEqual(['branch:main', 'host:rack7,rack8'])
  expect((await server.stranger.get(next.pathname + next.search)).body.results).toHaveLength(1)
})
