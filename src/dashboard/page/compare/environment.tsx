// What changed on the machine between two compared jobs: packages, the kernel first, parameters, and files of sysinfo.

import { useState } from 'preact/hooks'
import type { Comparison } from '../api'
import { formatCount, formatCounted } from '../format'
import { Empty } from '../parts/notice'
import { ComparedFiles } from './files'

type Environment = NonNullable<Comparison['environment']>

/** Rows of a group that are shown at once. */
const MAX_SHOWN = 40

export function ComparedEnvironment({ comparison }: { comparison: Comparison }) {
  const { environment, parameters } = comparison
  return (
    <section class="panel" aria-labelledby="compared-environment">
      <div class="panel-head">
        <h2 id="compared-environment">Environment</h2>
        <span class="muted">{environment && summaryOf(environment)}</span>
      </div>
      {environment ? (
        <Components environment={environment} alsoOn={comparison.also_on} />
      ) : (
        <Empty>
          <p>
            What {comparison.jobs.base?.environment == null ? 'the base' : 'the job'} ran on is unknown.
            Avocado's sysinfo tells it, which <code>avocado-server upload JOB_DIR</code> sends along.
          </p>
        </Empty>
      )}
      <Parameters parameters={parameters} />
      <ComparedFiles comparison={comparison} />
    </section>
  )
}

function summaryOf({ counts, changed }: Environment): string {
  const kernels = changed.filter(({ kind }) => kind === 'kernel').length
  const packages = counts.changed - kernels
  const parts = [
    kernels > 0 && formatCounted(kernels, 'kernel'),
    packages > 0 && formatCounted(packages, 'package'),
  ]
  return parts.filter((part) => part !== false).join(', ')
}

interface Line {
  key: string
  name: string
  from: string
  to: string
  note?: string
  isStrong?: boolean
}

/** The hosts on which a component changed to the same version when the same tests broke there. */
function hostsOf(alsoOn: Comparison['also_on'], kind: string, name: string, to: string): string[] {
  return alsoOn.flatMap(({ host, components }) =>
    components.some((one) => one.kind === kind && one.name === name && one.to === to) ? host : [],
  )
}

function Components({ environment, alsoOn }: { environment: Environment; alsoOn: Comparison['also_on'] }) {
  const { counts, distro, changed, added, removed } = environment
  const kernels = changed.filter(({ kind }) => kind === 'kernel')
  const packages = changed.filter(({ kind }) => kind !== 'kernel')
  // What several hosts got when they broke is likely to have broken them, so it comes first.
  const byHosts = Map.groupBy(packages, ({ kind, name, to }) => hostsOf(alsoOn, kind, name, to).join(', '))
  const here = byHosts.get('') ?? []
  byHosts.delete('')
  const unlisted = counts.changed - changed.length
  const lineOf = ({ kind, name, arch, from, to, direction }: Environment['changed'][number]): Line => ({
    key: `${kind} ${name} ${arch} ${from} ${to}`,
    name: kind === 'kernel' ? 'kernel' : name,
    from,
    to,
    ...(byHosts.size > 0 && { isStrong: hostsOf(alsoOn, kind, name, to).length > 0 }),
    ...(direction === 'down' && { note: 'older' }),
    ...(direction === 'same' && { note: 'another build' }),
  })
  const listedOf = (components: Environment['added'], side: 'from' | 'to') =>
    components.map(({ kind, name, arch, version }) => ({
      key: `${kind} ${name} ${arch} ${version}`,
      name,
      from: side === 'from' ? version : '–',
      to: side === 'to' ? version : '–',
    }))
  const noteOfKernel = ({ kind, name, to }: Environment['changed'][number]) => {
    const hosts = hostsOf(alsoOn, kind, name, to)
    return hosts.length > 0 ? { note: `as ${hosts.join(', ')} when it broke` } : {}
  }
  if (counts.changed + counts.added + counts.removed === 0 && !distro) {
    return (
      <Empty>
        <p>
          {counts.same === 0
            ? 'No packages are known.'
            : `All ${formatCounted(counts.same, 'component')} are the same.`}
        </p>
      </Empty>
    )
  }
  return (
    <table class="components compared-components">
      <caption class="visually-hidden">Components that differ</caption>
      <thead>
        <tr>
          <th scope="col">Component</th>
          <th scope="col" class="col-version">
            From
          </th>
          <th scope="col" class="col-version">
            To
          </th>
        </tr>
      </thead>
      {distro && (
        <Lines
          title="Distribution"
          lines={[{ key: 'distro', name: 'distribution', ...distro, isStrong: true }]}
        />
      )}
      <Lines
        title="Kernel"
        lines={kernels.map((kernel) => ({ ...lineOf(kernel), ...noteOfKernel(kernel), isStrong: true }))}
      />
      {[...byHosts].map(([hosts, components]) => (
        <Lines
          key={hosts}
          title={`${formatCounted(components.length, 'package')} that ${hosts} got when it broke, too`}
          lines={components.map(lineOf)}
        />
      ))}
      <Lines
        title={`${formatCounted(here.length + unlisted, 'package')} changed${byHosts.size > 0 ? ' here only' : ''}`}
        lines={here.map(lineOf)}
      />
      <Lines title={`${formatCount(counts.added)} added`} lines={listedOf(added, 'to')} />
      <Lines title={`${formatCount(counts.removed)} removed`} lines={listedOf(removed, 'from')} />
    </table>
  )
}

/** Rows below a heading; nothing without rows. */
function Lines({ title, lines }: { title: string; lines: Line[] }) {
  const [all, setAll] = useState(false)
  if (lines.length === 0) return null
  const shown = all ? lines : lines.slice(0, MAX_SHOWN)
  return (
    <tbody>
      <tr class="group-row">
        <th scope="rowgroup" colSpan={3}>
          {title}
        </th>
      </tr>
      {shown.map(({ key, name, from, to, note, isStrong }) => (
        <tr key={key}>
          <th scope="row" title={name}>
            {name}
          </th>
          <td title={from}>{from}</td>
          <td title={to}>
            {isStrong ? <b>{to}</b> : to} {note !== undefined && <span class="muted">{note}</span>}
          </td>
        </tr>
      ))}
      {shown.length < lines.length && (
        <tr>
          <td colSpan={3}>
            <button type="button" onClick={() => setAll(true)}>
              Show all {formatCount(lines.length)}
            </button>
          </td>
        </tr>
      )}
    </tbody>
  )
}

function Parameters({ parameters }: { parameters: Comparison['parameters'] }) {
  if (parameters.length === 0) return <p class="panel-note">Labels and parameters are the same.</p>
  return (
    <table class="components compared-components">
      <caption>
        {formatCounted(parameters.length, 'parameter')} {parameters.length === 1 ? 'differs' : 'differ'}
      </caption>
      <colgroup>
        <col class="col-component" />
        <col class="col-version" />
        <col class="col-version" />
      </colgroup>
      <tbody>
        {parameters.map(({ category, key, from, to }) => (
          <tr key={`${category} ${key}`}>
            <th scope="row" class="wrap">
              {key}
              {!unnamedCategories.includes(category) && <span class="muted"> in {category}</span>}
            </th>
            <td class="wrap">
              <Value text={from} />
            </td>
            <td class="wrap">
              <Value text={to} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The categories that every job has. The others are named, because two may have the same key. */
const unnamedCategories = ['label', 'avocado', 'default']

/** Longer values are cut until somebody asks. */
const MAX_CHARACTERS = 120

function Value({ text }: { text: string | null }) {
  const [isWhole, setWhole] = useState(false)
  if (text === null) return <span class="muted">–</span>
  if (isWhole || text.length <= MAX_CHARACTERS) return <>{text}</>
  return (
    <>
      {text.slice(0, MAX_CHARACTERS)}…{' '}
      <button type="button" class="link" onClick={() => setWhole(true)}>
        all of it
      </button>
    </>
  )
}
