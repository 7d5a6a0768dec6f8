// Tabs, of which the address names the current one.

import { useQuery } from '../address'
import { formatCount } from '../format'

export interface Tab {
  /** The name in the address, which is absent for the first tab. */
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
