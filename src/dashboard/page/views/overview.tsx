import { useTitle } from '../title'

export function Overview() {
  useTitle('Overview')
  return <h1>Overview</h1>
}
