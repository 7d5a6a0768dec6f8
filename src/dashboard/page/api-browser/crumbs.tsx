// Breadcrumbs: the parents of an address, each a link if the API has that address.

import { paths } from '../address'
import { crumbsOf } from './address'
import { type ApiDocument, templateOf } from './openapi'

export function Crumbs({ address, document }: { address: string; document: ApiDocument | undefined }) {
  const crumbs = crumbsOf(address)
  return (
    <nav aria-label="Breadcrumbs">
      <ol class="crumbs">
        {crumbs.map((crumb, index) => (
          <li key={crumb.address}>
            {!document || templateOf(document, crumb.address) ? (
              <a
                href={paths.api(crumb.address)}
                aria-current={index === crumbs.length - 1 ? 'page' : undefined}
              >
                {crumb.name}
              </a>
            ) : (
              crumb.name
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
