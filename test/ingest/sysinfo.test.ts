import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { readSysinfo } from '../../src/ingest/formats/sysinfo'
import { mutatedText, sampleFolder, samplesWith, sampleText } from './samples'

const read = (files: Record<string, string>) => readSysinfo(new Map(Object.entries(files)))
const component = (fields: object) => ({ release: '', checksum: '', kind: 'deb', arch: 'unknown', ...fields })

/** Name, version, release and architecture of each package. */
function packages(list: string, file = 'installed_packages') {
  const { environment, warnings } = read({ [`pre/${file}`]: list })
  const components = environment?.installed_software_components ?? []
  return {
    packages: components.map(({ name, version, release, arch }) => [name, version, release, arch]),
    kinds: [...new Set(components.map(({ kind }) => kind))],
    warnings,
  }
}

describe.each(samplesWith('sysinfo'))('%s', (sample) => {
  const names = ['pre', 'post'].flatMap((part) =>
    readdirSync(join(sampleFolder(sample), 'sysinfo', part)).map((name) => `${part}/${name}`),
  )
  const files = new Map(names.map((name) => [name, sampleText(sample, `sysinfo/${name}`)]))
  const { environment, data, warnings } = readSysinfo(files)
  const lines = (files.get('pre/installed_packages') ?? '').trim().split('\n')

  test('every package is a component, and put together again its line', () => {
    const [kernel, ...components] = environment?.installed_software_components ?? []
    expect(kernel).toEqual(
      component({ name: 'Linux', version: '6.18.44', kind: 'kernel', arch: 'x86_64' }) as never,
    )
    expect(
      components.map(({ name, version, release, arch }) =>
        [arch === 'unknown' ? name : `${name}:${arch}`, version, ...(release ? [release] : [])].join('-'),
      ),
    ).toEqual(lines)
    // Two more have a dash in their version: `libevent-2.1-7:amd64-2.1.12-stable-8`.
    expect(components.filter(({ release }) => release === '')).toHaveLength(42)
    expect(environment?.distro).toEqual({ name: 'debian', version: '12', release: '11', arch: 'x86_64' })
    expect(warnings).toEqual([])
  })

  test('the small files of before the job are data', () => {
    expect(data.filter(({ category }) => category !== 'sysinfo changes')).toEqual(
      names
        .filter(
          (name) => name.startsWith('pre/') && name !== 'pre/installed_packages' && files.get(name) !== '',
        )
        .map((name) => ({ category: 'sysinfo', key: name.slice(4), value: files.get(name) as string })),
    )
  })
})

test('Debian: names with digits, epochs and versions with dashes', () => {
  expect(
    packages(`
      zlib1g:amd64-1:1.2.13.dfsg-1
      adduser-3.134
      libevent-2.1-7:amd64-2.1.12-stable-8
      bsdutils-1:2.38.1-5+deb12u3
      linux-image-6.1.0-18-amd64-6.1.76-1
      python3.11-3.11.2-6
      no version here
      nothing`),
  ).toEqual({
    packages: [
      ['zlib1g', '1:1.2.13.dfsg', '1', 'amd64'],
      ['adduser', '3.134', '', 'unknown'],
      ['libevent-2.1-7', '2.1.12-stable', '8', 'amd64'],
      ['bsdutils', '1:2.38.1', '5+deb12u3', 'unknown'],
      ['linux-image-6.1.0-18-amd64', '6.1.76', '1', 'unknown'],
      ['python3.11', '3.11.2', '6', 'unknown'],
    ],
    kinds: ['deb'],
    warnings: ['sysinfo: 2 lines of installed_packages are no packages: no version here'],
  })
})

test.each(['installed_packages', 'rpm -qa'])('Fedora, in %s', (file) => {
  const list =
    'bash-5.2.26-3.fc40.x86_64\nfedora-release-40-39.noarch\ngpg-pubkey-a15b79cc-63d04c2c\nbash-5.2.26-3.fc40.x86_64\n'
  expect(packages(list, file)).toEqual({
    packages: [
      ['bash', '5.2.26', '3.fc40', 'x86_64'],
      ['fedora-release', '40', '39', 'noarch'],
      ['gpg-pubkey', 'a15b79cc', '63d04c2c', 'unknown'],
    ],
    kinds: ['rpm'],
    warnings: [],
  })
  expect(read({ [`pre/${file}`]: list }).environment?.distro).toEqual({
    name: 'fedora',
    version: '40',
    release: '0',
    arch: 'unknown',
  })
})

test.each(['installed_packages', 'dpkg -l'])('dpkg -l, in %s: what is installed', (file) => {
  const list = `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
||/ Name           Version          Architecture Description
+++-==============-================-============-=================================
ii  zlib1g:amd64   1:1.2.13.dfsg-1  amd64        compression library - runtime
hi  adduser        3.134            all          add and remove users and groups
rc  gone           1.0-1            all          a package whose configuration is left
`
  expect(packages(list, file)).toEqual({
    packages: [
      ['zlib1g', '1:1.2.13.dfsg', '1', 'amd64'],
      ['adduser', '3.134', '', 'all'],
    ],
    kinds: ['deb'],
    warnings: [],
  })
})

test('the kernel of uname, and what os-release says of the distro', () => {
  const { environment } = read({
    'pre/uname -a': 'Linux box 6.5.6-300.fc39.aarch64 #1 SMP Fri Oct 6 aarch64 GNU/Linux\n',
    'pre/os-release': 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"\n',
  })
  expect(environment).toEqual({
    distro: { name: 'ubuntu', version: '24', release: '04', arch: 'aarch64' },
    installed_software_components: [
      {
        name: 'Linux',
        version: '6.5.6',
        release: '300.fc39.aarch64',
        checksum: '',
        kind: 'kernel',
        arch: 'aarch64',
      },
    ],
  })
})

test('without uname the architecture is that of lscpu', () => {
  expect(read({ 'pre/lscpu': 'Architecture:          s390x\n' }).environment).toEqual({
    distro: { name: 'unknown', version: '0', release: '0', arch: 's390x' },
    installed_software_components: [],
  })
})

test('files that tell nothing make no environment', () => {
  expect(
    read({
      'pre/uptime': 'up',
      'pre/modules': '',
      'pre/x': '\n',
      'post/uptime': 'up',
      'pre/dmesg': 'x'.repeat(16385),
    }),
  ).toEqual({
    environment: null,
    host: null,
    data: [{ category: 'sysinfo', key: 'uptime', value: 'up' }],
    warnings: [],
  })
})

test('a component that is too long is left out', () => {
  const { packages: stored, warnings } = packages(`${'a'.repeat(256)}-1-1\nb-1-1\nc:${'d'.repeat(21)}-1-1`)
  expect({ stored, warnings }).toEqual({
    stored: [['b', '1', '1', 'unknown']],
    warnings: [`sysinfo: a component was left out, it is too long: ${'a'.repeat(100)}`],
  })
})

test('what no text can hold is replaced', () => {
  expect(read({ 'pre/cmdline': 'a\0b' })).toEqual({
    environment: null,
    host: null,
    data: [{ category: 'sysinfo', key: 'cmdline', value: 'a\uFFFDb' }],
    warnings: ['sysinfo: characters that no text can hold were replaced by U+FFFD.'],
  })
})

test('no files make it throw, and what it gives can be stored', () => {
  const name = fc.constantFrom(
    ...[
      'installed_packages',
      'rpm -qa',
      'dpkg -l',
      'uname -a',
      'lscpu',
      'os-release',
      'x',
      '',
      'y'.repeat(300),
    ],
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    mutatedText(sampleText('small-sysinfo', 'sysinfo/pre/installed_packages').slice(0, 3000)),
    mutatedText(
      'ii  zlib1g:amd64   1:1.2.13.dfsg-1  amd64  x\nbash-5.2.26-3.fc40.x86_64\nLinux a 6.1 x86_64 GNU/Linux',
    ),
    mutatedText('ID="debian"\nVERSION_ID="12.1"\nArchitecture: x86_64\n'),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text)), (files) => {
      const { environment, data } = readSysinfo(new Map(files.map(([name, text]) => [`pre/${name}`, text])))
      expect(data.filter(({ key }) => key === '' || [...key].length > 255)).toEqual([])
      for (const one of environment?.installed_software_components ?? []) {
        expect([one.name, one.kind, one.arch]).not.toContain('')
        expect([one.arch, one.kind].filter((text) => [...text].length > 20)).toEqual([])
        expect(JSON.stringify(one)).not.toMatch(/\\u0000|\\ud[89a-f]/)
      }
    }),
    { numRuns: 500 },
  )
})
