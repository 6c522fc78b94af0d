from django.urls import path

from multitask.recommendations.api import views

urlpatterns = [
    path("skills/", views.SkillListView.as_view(), name="skill-list"),
    path("skills/user-skills/", views.UserSkillListView.as_view(), name="user-skill-list"),
    path("skills/user-skills/<int:pk>/", views.UserSkillView.as_view(), name="user-skill-detail"),
    path("tasks/<int:pk>/similar/", views.SimilarTasksView.as_view(), name="task-similar"),
    path("recommendations/for-you/", views.ForYouView.as_view(), name="for-you"),
    path("recommendations/feedback/", views.FeedbackView.as_view(), name="feedback"),
    path("recommendations/feedback/<int:task>/", views.FeedbackUndoView.as_view(), name="feedback-undo"),
]
