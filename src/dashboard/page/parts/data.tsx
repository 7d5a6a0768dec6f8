// The data of a job or a test, by category. Long values are collapsed.

import type { Datum, Page } from '../api'
import { type ChangeFilter, useResource } from '../resource'
import { Empty, Loaded } from './notice'

const MAX_LINE = 160

/** @param refetchOn  says whether changes on the server may have changed the data. */
export function DataTable({ path, refetchOn }: { path: string; refetchOn: ChangeFilter }) {
  const data = useResource<Page<Datum>>(`${path}?page_size=1000`, refetchOn)
  return (
    <Loaded resource={data} height="40vh">
      {({ results }) => {
        // Rows without an id are files, which have a tab of their own.
        const rows = results.filter(({ id }) => id !== null)
        const categories = Map.groupBy(rows, ({ category }) => category)
        if (rows.length === 0) {
          return (
            <Empty>
              <p>No data was stored.</p>
            </Empty>
          )
        }
        return [...categories].map(([category, items]) => (
          <section key={category} class="panel-body stack">
            <h2>{category}</h2>
            <dl class="data">
              {items.map(({ id, key, value }) => (
                <div key={id}>
                  <dt>{key}</dt>
                  <dd>
                    <Value value={value} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))
      }}
    </Loaded>
  )
}

function Value({ value }: { value: string | null }) {
  if (value === null || value === '') return <span class="muted">–</span>
  const text = value.trimEnd()
  if (text.length <= MAX_LINE && !text.includes('\n')) return <code>{text}</code>
  const lines = text.split('\n')
  return (
    <details>
      <summary>
        <code>{(lines[0] ?? '').slice(0, MAX_LINE)}</code>{' '}
        <span class="muted">{lines.length > 1 ? `${lines.length} lines` : `${text.length} characters`}</span>
      </summary>
      <pre class="block">{text}</pre>
    </details>
  )
}
