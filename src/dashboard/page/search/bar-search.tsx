// The search field in the bar at the top, which searches everything. On narrow screens it is a link to the page of the
// search, which has a field of its own.

import { useLocation } from 'preact-iso'
import { paths } from '../address'
import { SearchIcon } from '../parts/icons'
import { SearchEverything } from './search-everything'

export function BarSearch() {
  const { path } = useLocation()
  return (
    <>
      <SearchEverything class="search bar-search" />
      {path !== paths.search && (
        <a class="button icon-button bar-find" href={paths.search} aria-label="Search">
          <SearchIcon />
        </a>
      )}
    </>
  )
}
