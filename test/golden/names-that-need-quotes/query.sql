with "With 1" as (
  select "T 2"."select", max("T 2"."op") over "w 1" as "Op"
  from "tab ""le" as "T 2"
  window "w 1" as (partition by "T 2"."select")
)
select "O 1"."select" as "key ""1""", "O 1"."first name", "W"."Op", "J 3"."u1"
from "Order" as "O 1"
left join "With 1" as "W" using ("select") as "U 1"
left join ("tab ""le" as "T 4" join "Order" as "O 2" on "O 2"."select" = "T 4"."op") as "J 3" ("s 1", "u1", "op", "s 2")
  on "J 3"."s 1" = "O 1"."select"
