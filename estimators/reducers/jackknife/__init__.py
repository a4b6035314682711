"""The jackknife-debiased IWAE of any order, in time linear in K."""
