import { useTitle } from '../title'

export function Jobs() {
  useTitle('Jobs')
  return <h1>Jobs</h1>
}
