// Installs the system packages that the tests use and that are missing, where it may: on Debian, as root or by sudo
// without a password. Otherwise it names the one line to run; the tests that need them are skipped by name.

import { missingPackages } from '../test/support/needs'

const packages = missingPackages()
if (packages.length > 0) {
  const names = packages.join(' ')
  const install = `apt-get install -y --no-install-recommends ${names}`
  if (Bun.which('apt-get') === null) {
    console.error(`Missing, and so some tests will be skipped: ${names}`)
  } else {
    const isRoot = process.getuid?.() === 0
    const may = isRoot || (Bun.which('sudo') !== null && run('sudo -n true').exitCode === 0)
    console.error(may ? `Installing ${names} ...` : `Missing, and so some tests will be skipped: ${names}`)
    const sudo = isRoot ? '' : 'sudo -n '
    const env = 'env DEBIAN_FRONTEND=noninteractive'
    const { exitCode, stderr } = may
      ? run(`${sudo}${env} apt-get update -qq; ${sudo}${env} ${install}`)
      : { exitCode: 1, stderr: '' }
    if (exitCode !== 0) console.error(`${stderr}To install them: sudo sh -c 'apt-get update; ${install}'`)
  }
}

function run(command: string) {
  return Bun.spawnSync(['sh', '-c', command], { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' })
}
