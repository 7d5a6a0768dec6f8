// The table of contents of the API: every address without parameters. The answer to GET / lists only the oldest ones.

import { paths } from '../address'
import type { ApiDocument } from './openapi'

export function Contents({ document }: { document: ApiDocument }) {
  const entries = Object.entries(document.paths).filter(([path]) => !path.includes('{') && path !== '/')
  return (
    <section class="panel" aria-labelledby="contents-title">
      <div class="panel-head">
        <h2 id="contents-title">All of the API</h2>
      </div>
      <ul class="panel-body api-contents">
        {entries.map(([path, operations]) => (
          <li key={path}>
            <a class="mono" href={paths.api(path)}>
              {path}
            </a>
            <small class="muted">{Object.values(operations)[0]?.summary}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}
