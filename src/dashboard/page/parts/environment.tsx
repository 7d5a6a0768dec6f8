// The environment of tests: the distribution and the installed components.

import { useState } from 'preact/hooks'
import type { Environment as EnvironmentAnswer } from '../api'
import { formatCount } from '../format'
import { useResource } from '../resource'
import { Empty, Loaded } from './notice'

const MAX_SHOWN = 200

export function Environment({ id }: { id: number | null }) {
  const environment = useResource<EnvironmentAnswer>(id === null ? undefined : `/testenvironments/${id}/`)
  if (id === null) {
    return (
      <Empty>
        <p>
          Nothing is known of what the tests ran on. Avocado's sysinfo tells it, which{' '}
          <code>avocado-server upload JOB_DIR</code> sends along.
        </p>
      </Empty>
    )
  }
  return (
    <Loaded resource={environment} height="60vh">
      {({ distro, installed_software_components: components }) => (
        <>
          <div class="panel-body">
            <dl class="facts">
              <div>
                <dt>Distribution</dt>
                <dd>
                  {distro.name} {distro.version} {distro.release !== '0' && distro.release}
                </dd>
              </div>
              <div>
                <dt>Architecture</dt>
                <dd>{distro.arch}</dd>
              </div>
              {components
                .filter(({ kind }) => kind === 'kernel')
                .map((kernel) => (
                  <div key={kernel.version}>
                    <dt>Kernel</dt>
                    <dd class="mono">
                      {kernel.version} {kernel.release}
                    </dd>
                  </div>
                ))}
            </dl>
          </div>
          <Components components={components} />
        </>
      )}
    </Loaded>
  )
}

function Components({ components }: { components: EnvironmentAnswer['installed_software_components'] }) {
  const [text, setText] = useState('')
  const [all, setAll] = useState(false)
  const found = components.filter(({ name }) => name.includes(text.trim().toLowerCase()))
  const shown = all ? found : found.slice(0, MAX_SHOWN)
  return (
    <>
      <div class="panel-head">
        <h2>{formatCount(components.length)} components</h2>
        <input
          type="search"
          placeholder="Name"
          aria-label="Search the components"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <table class="components">
        <caption class="visually-hidden">Components</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Version</th>
            <th scope="col">Release</th>
            <th scope="col" class="col-count">
              Kind
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ name, version, release, kind, arch }) => (
            <tr key={`${name} ${version} ${release} ${arch} ${kind}`}>
              <td title={`${name} ${arch}`}>{name}</td>
              <td title={version}>{version}</td>
              <td title={release}>{release}</td>
              <td>{kind}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < found.length && (
        <div class="panel-body">
          <button type="button" onClick={() => setAll(true)}>
            Show all {formatCount(found.length)}
          </button>
        </div>
      )}
    </>
  )
}
