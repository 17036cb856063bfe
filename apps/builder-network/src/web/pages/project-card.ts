import { z } from 'zod'
import { upvotedBy } from '../flags.ts'
import { projectCard } from '../html/project-card.ts'
import { ownPage } from '../own-page.ts'
import { page } from '../page.ts'
import { shownProject } from './feed.ts'

/** One row of the feed: what a list that is live shows of a project that comes in. */
export const projectCardPage = page({
  path: '/projects/:id/card',
  feature: 'Feed',
  summary: 'A project as the feed has it',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid() }),
  query: z.object({ back: ownPage.default('/').describe('The page that its forms come back to') }),
  data: z.object({ project: shownProject, back: z.string() }),
  models: ['mv_feed_projects'],
  isFragment: true,
  read: async ({ store, params: { id }, query: { back }, viewer }) => {
    const found = await store.models.feed.get(id)
    if (found === null) return null
    const voted = await upvotedBy(store, viewer, [found])
    return { project: { ...found, user_has_upvoted: voted.has(id) }, back }
  },
  title: ({ project }) => project.title,
  view: ({ project, back }, { viewer }) => projectCard(project, { viewer, back }),
})
