// Tabs, of which the address names the current one.

import { useQuery } from '../address'
import { formatCount } from '../format'

export interface Tab {
  /** The name in the address, which is absent for the first tab. */
  name: string
  label: string
  count?: number | undefined
}

interface Props {
  tabs: Tab[]
  current: string
  label: string
  /** Parameters of the address that belong to one tab alone. */
  resets?: string[]
}

export function Tabs({ tabs, current, label, resets = [] }: Props) {
  const { hrefWith } = useQuery()
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, label, count }, index) => (
        <a
          key={name}
          href={hrefWith({
            ...Object.fromEntries(resets.map((name) => [name, undefined])),
            tab: index === 0 ? undefined : name,
          })}
          aria-current={name === current ? 'page' : undefined}
        >
          {label} {count !== undefined && <span class="tab-count">{formatCount(count)}</span>}
        </a>
      ))}
    </nav>
  )
}
