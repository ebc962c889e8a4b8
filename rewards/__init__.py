"""Reward money: the policy that computes it, the books that hold it, the steps that release it."""
