// Parts of a view, one of which is shown. Which one is in the address.

import { useQuery } from '../address'
import { formatCount } from '../format'

export interface Tab {
  /** In the address; the first tab is there without it. */
  name: string
  label: string
  count?: number | undefined
}

export function Tabs({ tabs, current, label }: { tabs: Tab[]; current: string; label: string }) {
  const { hrefWith } = useQuery()
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, label, count }, index) => (
        <a
          key={name}
          href={hrefWith({ tab: index === 0 ? undefined : name })}
          aria-current={name === current ? 'page' : undefined}
        >
          {label} {count !== undefined && <span class="tab-count">{formatCount(count)}</span>}
        </a>
      ))}
    </nav>
  )
}
