"""The four statements that the source guides print, to the letter."""

from services.sql.parameters import Identifier
from services.sql.query import Group, NamedQuery, Source

_GENERATION = Identifier("generation", "Generation", default="gen_xyz")
_PRINTED = "'gen_xyz'"

GUIDE_QUERIES = (
    NamedQuery(
        "recent_mascots",
        "Recent mascots",
        "Which ten mascots were made last, and which of their pictures are there?",
        Group.GUIDES,
        """\
SELECT id, name, status, "fullBodyImageUrl", "avatarImageUrl", "batchId", "createdAt"
FROM mascots
ORDER BY "createdAt" DESC
LIMIT 10;""",
        source=Source.GUIDE,
    ),
    NamedQuery(
        "mascots_without_pictures",
        "Mascots without pictures",
        "Which mascots have neither a full body nor an avatar, and have not failed?",
        Group.GUIDES,
        """\
SELECT id, name, status, "batchId"
FROM mascots
WHERE "fullBodyImageUrl" IS NULL 
  AND "avatarImageUrl" IS NULL
  AND status != 'FAILED'
ORDER BY "createdAt" DESC;""",
        source=Source.GUIDE,
    ),
    NamedQuery(
        "generation_status",
        "Status of a pose generation",
        "How far is a pose generation, and what was charged and given back for it?",
        Group.GUIDES,
        """\
   SELECT id, status, creditCharged, creditRefunded, posesFailed
   FROM pose_generations
   WHERE id = 'gen_xyz';""",
        (_GENERATION,),
        source=Source.GUIDE,
        printed=_PRINTED,
    ),
    NamedQuery(
        "refund_records",
        "Refunds of a generation",
        "Which credits were given back for a generation?",
        Group.GUIDES,
        """\
   SELECT *
   FROM credits
   WHERE referenceId = 'gen_xyz' AND type = 'refund';""",
        (_GENERATION,),
        source=Source.GUIDE,
        printed=_PRINTED,
    ),
)
